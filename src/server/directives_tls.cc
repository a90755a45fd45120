// Directives of TLS.
#include <cstdint>

#include "server/directive.h"

namespace tidemark::server {

void AddTlsDirectives(DirectiveTable& table) {
  table.Choice("tls-auth-clients", "yes", {"no", "yes", "optional"}).WithoutEffect();
  table.Choice("tls-auth-clients-user", "off", {"CN", "URI", "off"}).WithoutEffect();
  table.Integer("tls-auto-reload-interval", "0", {0, INT32_MAX}).WithoutEffect();
  table.Text("tls-ca-cert-dir", "").WithoutEffect();
  table.Text("tls-ca-cert-file", "").WithoutEffect();
  table.Text("tls-cert-file", "").WithoutEffect();
  table.Text("tls-ciphers", "").WithoutEffect();
  table.Text("tls-ciphersuites", "").WithoutEffect();
  table.Text("tls-client-cert-file", "").WithoutEffect();
  table.Text("tls-client-key-file", "").WithoutEffect();
  table.Text("tls-client-key-file-pass", "").Secret().WithoutEffect();
  table.Bool("tls-cluster", "no").WithoutEffect();
  table.Text("tls-dh-params-file", "").WithoutEffect();
  table.Text("tls-key-file", "").WithoutEffect();
  table.Text("tls-key-file-pass", "").Secret().WithoutEffect();
  table.Integer("tls-port", "0", {0, 65535}).WithoutEffect();
  table.Bool("tls-prefer-server-ciphers", "no").WithoutEffect();
  table.Text("tls-protocols", "").WithoutEffect();
  table.Bool("tls-replication", "no").WithoutEffect();
  table.Integer("tls-session-cache-size", "20480", {0, INT32_MAX}).WithoutEffect();
  table.Integer("tls-session-cache-timeout", "300", {0, INT32_MAX}).WithoutEffect();
  table.Bool("tls-session-caching", "yes").WithoutEffect();
}

}  // namespace tidemark::server
