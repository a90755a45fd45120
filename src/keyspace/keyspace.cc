#include "keyspace/keyspace.h"

namespace tidemark::keyspace {

Keyspace::Keyspace(KeyspaceOptions options, const Clock& clock, uint64_t random_seed)
    : options_(options),
      clock_(clock),
      random_(random_seed),
      context_{options_, stats_,     clock_,
               random_,  lazy_free_, options.hash_seed ? *options.hash_seed : HashSeed::FromSystem()} {
  for (int i = 0; i < options_.databases; ++i) databases_.push_back(std::make_unique<Database>(i, context_));
}

Keyspace::~Keyspace() {
  context_.locator_sink = nullptr;
}

size_t Keyspace::total_keys() const {
  size_t total = 0;
  for (const auto& database : databases_) total += database->size();
  return total;
}

size_t Keyspace::total_cold() const {
  size_t total = 0;
  for (const auto& database : databases_) total += database->cold_count();
  return total;
}

void Keyspace::FlushAll(FreeMode mode) {
  for (const auto& database : databases_) database->Flush(mode);
}

void Keyspace::SwapDatabases(int first, int second) {
  if (first == second) return;
  database(first).SwapWith(database(second));
  if (context_.change_listener != nullptr) context_.change_listener->OnSwapped(first, second);
}

void Keyspace::CollectReleasedLocators() {
  for (const uint64_t locator : lazy_free_.TakeLocators()) {
    if (context_.locator_sink != nullptr) context_.locator_sink->ReleaseLocator(locator);
  }
}

}  // namespace tidemark::keyspace
