#include "commands/command_names.h"

#include "commands/words.h"

namespace tidemark::commands {
namespace {

struct FlagName {
  Flag flag;
  std::string_view name;
};

constexpr FlagName kFlagNames[] = {
    {Flag::kWrite, "write"},
    {Flag::kReadonly, "readonly"},
    {Flag::kDenyOom, "denyoom"},
    {Flag::kAdmin, "admin"},
    {Flag::kPubsub, "pubsub"},
    {Flag::kNoScript, "noscript"},
    {Flag::kBlocking, "blocking"},
    {Flag::kLoading, "loading"},
    {Flag::kStale, "stale"},
    {Flag::kSkipMonitor, "skip_monitor"},
    {Flag::kSkipSlowlog, "skip_slowlog"},
    {Flag::kAsking, "asking"},
    {Flag::kFast, "fast"},
    {Flag::kNoAuth, "no_auth"},
    {Flag::kNoMandatoryKeys, "no_mandatory_keys"},
    {Flag::kNoAsyncLoading, "no_async_loading"},
    {Flag::kNoMulti, "no_multi"},
    {Flag::kMovableKeys, "movablekeys"},
    {Flag::kAllowBusy, "allow_busy"},
};

// The categories in their usual order, each with the flag that implies it.
struct Category {
  std::string_view name;
  Flags implied_by = {};
};

constexpr Category kCategories[] = {
    {"keyspace"},
    {"read", Flag::kReadonly},
    {"write", Flag::kWrite},
    {"set"},
    {"sortedset"},
    {"list"},
    {"hash"},
    {"string"},
    {"bitmap"},
    {"hyperloglog"},
    {"geo"},
    {"stream"},
    {"pubsub", Flag::kPubsub},
    {"admin", Flag::kAdmin},
    {"fast", Flag::kFast},
    {"slow"},
    {"blocking", Flag::kBlocking},
    {"dangerous", Flag::kAdmin},
    {"connection"},
    {"transaction"},
    {"scripting"},
};

bool Names(std::string_view list, std::string_view wanted) {
  bool found = false;
  ForEachItem(list, ',', [&](std::string_view item) { found = found || item == wanted; });
  return found;
}

}  // namespace

std::vector<std::string_view> FlagNames(Flags flags) {
  std::vector<std::string_view> names;
  for (const FlagName& entry : kFlagNames) {
    if (flags.Has(entry.flag)) names.push_back(entry.name);
  }
  return names;
}

std::vector<std::string_view> AclCategories(const CommandSpec& spec) {
  std::vector<std::string_view> names;
  for (const Category& category : kCategories) {
    const bool slow = category.name == "slow" && !spec.flags.Has(Flag::kFast);
    if (slow || spec.flags.HasAny(category.implied_by) || Names(spec.acl_categories, category.name)) {
      names.push_back(category.name);
    }
  }
  return names;
}

}  // namespace tidemark::commands
