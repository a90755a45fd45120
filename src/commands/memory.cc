// MEMORY: where the RAM goes.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/handlers.h"
#include "commands/help.h"

namespace tidemark::commands {
namespace {

using keyspace::Database;
using keyspace::EntryRef;

constexpr uint64_t kBucketBytes = 64;

uint64_t TableBytes(const Database& db) {
  return db.dict().bucket_count() * kBucketBytes;
}

double Ratio(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

int64_t Difference(uint64_t a, uint64_t b) {
  return static_cast<int64_t>(a) - static_cast<int64_t>(b);
}

// The figures that STATS and DOCTOR share.
struct Figures {
  explicit Figures(Context& ctx)
      : snapshot(ctx.server.memory().Snapshot()),
        peak(std::max(ctx.server.memory().peak(), snapshot.used)),
        startup(ctx.server.memory().startup()),
        clients(ctx.server.ClientMemoryBytes()),
        keys(ctx.keyspace.total_keys()) {
    for (int i = 0; i < ctx.keyspace.database_count(); ++i) {
      if (ctx.keyspace.database(i).size() > 0) tables += TableBytes(ctx.keyspace.database(i));
    }
    overhead = startup + clients + tables;
    dataset = snapshot.used > overhead ? snapshot.used - overhead : 0;
    net = snapshot.used > startup ? snapshot.used - startup : 0;
  }

  MemorySnapshot snapshot;
  uint64_t peak;
  uint64_t startup;
  uint64_t clients;
  uint64_t keys;
  uint64_t tables = 0;
  uint64_t overhead;
  uint64_t dataset;
  uint64_t net;  // used since start
};

class MapWriter {
 public:
  explicit MapWriter(Context& ctx) : reply_(ctx.reply) {}
  void Integer(std::string_view name, int64_t value) {
    fields_.push_back([this, name, value] {
      reply_.Bulk(name);
      reply_.Integer(value);
    });
  }
  void Bytes(std::string_view name, uint64_t value) { Integer(name, static_cast<int64_t>(value)); }
  void Double(std::string_view name, double value) {
    fields_.push_back([this, name, value] {
      reply_.Bulk(name);
      reply_.Double(value);
    });
  }
  void Table(int database, uint64_t bytes) {
    fields_.push_back([this, database, bytes] {
      reply_.Bulk("db." + std::to_string(database));
      reply_.Map(3);
      reply_.Bulk("overhead.hashtable.main");
      reply_.Integer(static_cast<int64_t>(bytes));
      // Expiries live in the entries.
      reply_.Bulk("overhead.hashtable.expires");
      reply_.Integer(0);
      reply_.Bulk("overhead.hashtable.slot-to-keys");
      reply_.Integer(0);
    });
  }
  // The header comes first, so the fields are counted before they are written.
  void Send() {
    reply_.Map(fields_.size());
    for (const auto& write : fields_) write();
  }

 private:
  protocol::ReplyWriter& reply_;
  std::vector<std::function<void()>> fields_;
};

}  // namespace

void MemoryHelpCommand(Context& ctx) {
  ReplyHelp(
      ctx, "MEMORY",
      {"DOCTOR", "    What looks wrong with memory, and what to do about it.", "MALLOC-STATS",
       "    The report of the allocator.", "PURGE", "    Ask the allocator to give free pages back to the system.",
       "STATS", "    Where the memory goes.", "USAGE <key> [SAMPLES <count>]",
       "    RAM that <key> and its value take, in bytes. Of a value on flash that is the key alone. Nested values",
       "    are estimated from <count> of their elements (default: 5, 0: all of them)."});
}

void MemoryUsageCommand(Context& ctx) {
  for (size_t i = 3; i < ctx.args.size(); i += 2) {
    if (!IsWord(ctx.args[i], "samples") || i + 1 == ctx.args.size()) return ctx.reply.Error(errors::kSyntax);
    const std::optional<int64_t> samples = IntegerArgument(ctx, i + 1);
    if (!samples) return;
    if (*samples < 0) return ctx.reply.Error(errors::kSyntax);
  }
  const Database& db = ctx.db();
  const EntryRef ref = db.Find(ctx.Key(2));
  if (!ref) return ctx.reply.Null();
  const uint64_t slot_bytes = std::min<uint64_t>(TableBytes(db) / db.size(), kBucketBytes);
  ctx.reply.Integer(static_cast<int64_t>(ref->AllocatedBytes() + slot_bytes));
}

void MemoryStatsCommand(Context& ctx) {
  const Figures figures(ctx);
  const MemorySnapshot& memory = figures.snapshot;
  MapWriter map(ctx);
  map.Bytes("peak.allocated", figures.peak);
  map.Bytes("total.allocated", memory.used);
  map.Bytes("startup.allocated", figures.startup);
  map.Bytes("replication.backlog", 0);
  map.Bytes("clients.slaves", 0);
  map.Bytes("clients.normal", figures.clients);
  map.Bytes("cluster.links", 0);
  map.Bytes("aof.buffer", 0);
  map.Bytes("lua.caches", 0);
  map.Bytes("functions.caches", 0);
  for (int i = 0; i < ctx.keyspace.database_count(); ++i) {
    const Database& db = ctx.keyspace.database(i);
    if (db.size() > 0) map.Table(i, TableBytes(db));
  }
  map.Bytes("overhead.total", figures.overhead);
  map.Bytes("keys.count", figures.keys);
  map.Bytes("keys.bytes-per-key", figures.keys == 0 ? 0 : figures.net / figures.keys);
  map.Bytes("dataset.bytes", figures.dataset);
  map.Double("dataset.percentage", 100 * Ratio(figures.dataset, figures.net));
  map.Double("peak.percentage", 100 * Ratio(memory.used, figures.peak));
  map.Bytes("allocator.allocated", memory.allocated);
  map.Bytes("allocator.active", memory.active);
  map.Bytes("allocator.resident", memory.resident);
  map.Double("allocator-fragmentation.ratio", Ratio(memory.active, memory.allocated));
  map.Integer("allocator-fragmentation.bytes", Difference(memory.active, memory.allocated));
  map.Double("allocator-rss.ratio", Ratio(memory.resident, memory.active));
  map.Integer("allocator-rss.bytes", Difference(memory.resident, memory.active));
  map.Double("rss-overhead.ratio", Ratio(memory.rss, memory.resident));
  map.Integer("rss-overhead.bytes", Difference(memory.rss, memory.resident));
  map.Double("fragmentation", Ratio(memory.rss, memory.used));
  map.Integer("fragmentation.bytes", Difference(memory.rss, memory.used));
  map.Send();
}

void MemoryDoctorCommand(Context& ctx) {
  constexpr uint64_t kTooSmallBytes = 5 << 20;
  constexpr uint64_t kNoticeableBytes = 10 << 20;
  const Figures figures(ctx);
  const MemorySnapshot& memory = figures.snapshot;
  if (memory.used < kTooSmallBytes) {
    return ctx.reply.Verbatim("txt",
                              "The server holds next to nothing: there is too little memory in use for a diagnosis.\n");
  }
  std::string report;
  const auto complain = [&](std::string_view text) { report.append(" * ").append(text).append("\n\n"); };
  if (Ratio(figures.peak, memory.used) > 1.5) {
    complain(
        "High peak: at its highest the server used more than one and a half times the memory it uses now. Pages that "
        "were needed then may still be counted in the resident set; MEMORY PURGE gives back what is free.");
  }
  if (Ratio(memory.active, memory.allocated) > 1.1 && memory.active - memory.allocated > kNoticeableBytes) {
    complain(
        "Fragmentation: the allocator's pages are filled to less than nine tenths. That comes with values whose sizes "
        "change a lot. Deleted keys leave holes that new keys of the same sizes fill again.");
  }
  if (Ratio(memory.resident, memory.active) > 1.1 && memory.resident - memory.active > kNoticeableBytes) {
    complain("Retained pages: the allocator keeps pages that hold nothing. MEMORY PURGE returns them to the system.");
  }
  if (Ratio(memory.rss, memory.resident) > 1.1 && memory.rss > memory.resident + kNoticeableBytes) {
    complain(
        "Memory outside the allocator: the process is larger than what it allocated. Libraries, thread stacks and the "
        "page tables of a large tier index are the usual reasons.");
  }
  if (figures.clients > figures.dataset / 2 && figures.clients > kNoticeableBytes) {
    complain(
        "Large client buffers: connections hold more than half as much memory as the data. Look for clients that read "
        "slowly (omem in CLIENT LIST) and consider client-output-buffer-limit.");
  }
  if (report.empty()) return ctx.reply.Verbatim("txt", "Nothing is wrong with the memory of this server.\n");
  ctx.reply.Verbatim("txt", "This is what stands out:\n\n" + report);
}

void MemoryPurgeCommand(Context& ctx) {
  ctx.server.memory().Purge();
  ctx.reply.Ok();
}

void MemoryMallocStatsCommand(Context& ctx) {
  ctx.reply.Verbatim("txt", MemoryAccount::AllocatorReport());
}

}  // namespace tidemark::commands
