#include "commands/composed_effect.h"

#include "base/numbers.h"

namespace tidemark::commands {

using keyspace::DeleteCause;

void AddDeletionEffect(const Context& ctx, std::string_view key, DeleteCause cause) {
  if (!ctx.effects.wanted()) return;
  const keyspace::KeyspaceOptions& options = ctx.keyspace.options();
  const bool lazy = (cause == DeleteCause::kExpiry && options.lazyfree_lazy_expire) ||
                    (cause == DeleteCause::kServer && options.lazyfree_lazy_server_del);
  ctx.effects.Add({lazy ? "UNLINK" : "DEL", key});
}

void AddStringEffect(const Context& ctx, std::string_view key, std::string_view value, std::optional<int64_t> expiry_ms,
                     keyspace::KeepExpiry keep) {
  if (!ctx.effects.wanted()) return;
  char scratch[kInt64Chars];
  if (expiry_ms) {
    ctx.effects.Add({"SET", key, value, "PXAT", FormatInt64(*expiry_ms, scratch)});
  } else if (keep == keyspace::KeepExpiry::kYes) {
    ctx.effects.Add({"SET", key, value, "KEEPTTL"});
  } else {
    ctx.effects.Add({"SET", key, value});
  }
}

void AddExpiryEffect(const Context& ctx, std::string_view key, int64_t expiry_ms) {
  if (!ctx.effects.wanted()) return;
  char scratch[kInt64Chars];
  ctx.effects.Add({"PEXPIREAT", key, FormatInt64(expiry_ms, scratch)});
}

}  // namespace tidemark::commands
