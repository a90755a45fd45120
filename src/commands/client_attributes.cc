#include "commands/client_attributes.h"

#include <algorithm>

#include "commands/errors.h"

namespace tidemark::commands {
namespace {

// Takes as long as `given` is, whatever the two have in common.
bool EqualInConstantTime(std::string_view secret, std::string_view given) {
  size_t difference = secret.size() ^ given.size();
  for (size_t i = 0; i < given.size(); ++i) {
    const char expected = secret.empty() ? '\0' : secret[i % secret.size()];
    difference |= static_cast<size_t>(static_cast<unsigned char>(expected ^ given[i]));
  }
  return difference == 0;
}

}  // namespace

bool IsAttributeText(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '!' && c <= '~'; });
}

bool SetClientName(Context& ctx, std::string_view name) {
  if (!IsAttributeText(name)) {
    ctx.reply.Error(errors::kBadClientName);
    return false;
  }
  ctx.client.name = name;
  return true;
}

bool PasswordIsOff(const Context& ctx) {
  return ctx.server.password().empty();
}

bool Authenticate(Context& ctx, std::string_view user, std::string_view password) {
  const bool accepted =
      user == kDefaultUser && (PasswordIsOff(ctx) || EqualInConstantTime(ctx.server.password(), password));
  if (!accepted) {
    ctx.reply.Error(errors::kWrongPass);
    return false;
  }
  ctx.client.user = kDefaultUser;
  ctx.client.authenticated = true;
  return true;
}

}  // namespace tidemark::commands
