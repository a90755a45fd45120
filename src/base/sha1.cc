#include "base/sha1.h"

#include <openssl/sha.h>

namespace tidemark {

static_assert(kSha1Bytes == SHA_DIGEST_LENGTH, "libcrypto writes that many bytes");

Sha1Digest Sha1(std::string_view bytes) {
  Sha1Digest digest;
  SHA1(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return digest;
}

}  // namespace tidemark
