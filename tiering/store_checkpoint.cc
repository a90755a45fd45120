#include "tiering/store_checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tidemark::tiering {

Status SyncCheckpoint(const StoreCheckpoint& checkpoint) {
  for (const std::string& path : checkpoint.unsynced) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    int error = fd < 0 ? errno : 0;
    // Of a directory fdatasync brings the names too.
    if (fd >= 0 && fdatasync(fd) != 0) error = errno;
    if (fd >= 0) close(fd);
    if (error != 0) return Status::IoError("cannot sync " + path + ": " + std::generic_category().message(error));
  }
  return Status::Ok();
}

}  // namespace tidemark::tiering
