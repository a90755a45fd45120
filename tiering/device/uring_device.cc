#include "tiering/device/uring_device.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/check.h"
#include "tiering/device/whole_transfer.h"

namespace tidemark::tiering {
namespace {

constexpr unsigned kKnownFilesMax = 16384;

// The kernel finishes requests when this thread asks for their completions rather than by interrupting it, where it
// knows how (Linux 6.1).
int InitRing(io_uring& ring) {
  constexpr unsigned kEntries = 1024;
  constexpr unsigned kOnRequest = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG;
  const int error = io_uring_queue_init(kEntries, &ring, kOnRequest);
  return error == -EINVAL ? io_uring_queue_init(kEntries, &ring, 0) : error;
}

}  // namespace

Result<std::unique_ptr<UringDevice>> UringDevice::Open(const std::string& dir) {
  std::unique_ptr<UringDevice> device(new UringDevice(dir));
  int error = InitRing(device->ring_);
  device->ring_open_ = error == 0;
  if (error == 0) error = io_uring_register_eventfd(&device->ring_, device->completion_fd());
  if (error != 0) return Status::Unavailable("io_uring: " + std::generic_category().message(-error));
  // Not more than the process may open; a kernel that refuses does without.
  rlimit open_files{};
  getrlimit(RLIMIT_NOFILE, &open_files);
  const auto files = static_cast<unsigned>(std::min<rlim_t>(kKnownFilesMax, open_files.rlim_cur));
  if (io_uring_register_files_sparse(&device->ring_, files) == 0) device->known_files_ = files;
  return device;
}

void UringDevice::ExpectReadsInto(char* memory, size_t bytes) {
  const iovec stretch{memory, bytes};
  // Refused where the process may not lock so much memory.
  if (known_memory_ != nullptr || io_uring_register_buffers(&ring_, &stretch, 1) != 0) return;
  known_memory_ = memory;
  known_memory_bytes_ = bytes;
  // The kernel holds on to these very pages. A child that shared them could leave the parent with copies that nothing
  // is read into, unless the kernel is new enough to see to it (Linux 5.9).
  madvise(memory, bytes, MADV_DONTFORK);
}

Result<uint32_t> UringDevice::CreateFile(uint64_t bytes) {
  const Result<uint32_t> file = FileDevice::CreateFile(bytes);
  if (file) Register(*file);
  return file;
}

std::optional<Result<uint32_t>> UringDevice::TakePrepared() {
  const std::optional<Result<uint32_t>> file = FileDevice::TakePrepared();
  if (file && *file) Register(**file);
  return file;
}

Result<uint32_t> UringDevice::OpenFile(uint64_t serial, uint64_t bytes) {
  const Result<uint32_t> file = FileDevice::OpenFile(serial, bytes);
  if (file) Register(*file);
  return file;
}

void UringDevice::Register(uint32_t file) {
  if (file >= known_files_) return;
  const int fd = files_.fd(file);
  if (io_uring_register_files_update(&ring_, file, &fd, 1) != 1) known_files_ = file;
}

void UringDevice::RemoveFile(uint32_t file) {
  constexpr int kNone = -1;
  if (file < known_files_) io_uring_register_files_update(&ring_, file, &kNone, 1);
  FileDevice::RemoveFile(file);
}

UringDevice::~UringDevice() {
  std::vector<DeviceCompletion> done;
  while (in_flight_ > 0) {
    Wait();
    Reap(done);
  }
  if (ring_open_) io_uring_queue_exit(&ring_);
  if (known_memory_ != nullptr) madvise(known_memory_, known_memory_bytes_, MADV_DOFORK);
}

void UringDevice::Submit(const DeviceOperation& operation) {
  uint32_t slot = static_cast<uint32_t>(slots_.size());
  if (free_slots_.empty()) {
    slots_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  slots_[slot] = operation;
  ++in_flight_;
  Enqueue(slot);
}

void UringDevice::Enqueue(uint32_t slot) {
  io_uring_sqe* entry = io_uring_get_sqe(&ring_);
  while (entry == nullptr) {
    Kick();
    entry = io_uring_get_sqe(&ring_);
  }
  const DeviceOperation& operation = slots_[slot];
  const bool known = operation.file < known_files_;
  const int fd = known ? static_cast<int>(operation.file) : files_.fd(operation.file);
  const auto bytes = static_cast<unsigned>(std::min<size_t>(operation.bytes, size_t{1} << 30));
  if (operation.kind == DeviceOperation::Kind::kWrite) {
    io_uring_prep_write(entry, fd, operation.data, bytes, operation.offset);
  } else if (operation.data >= known_memory_ && operation.data + bytes <= known_memory_ + known_memory_bytes_) {
    io_uring_prep_read_fixed(entry, fd, operation.data, bytes, operation.offset, 0);
  } else {
    io_uring_prep_read(entry, fd, operation.data, bytes, operation.offset);
  }
  if (known) io_uring_sqe_set_flags(entry, IOSQE_FIXED_FILE);
  io_uring_sqe_set_data64(entry, slot);
}

void UringDevice::Kick() {
  while (io_uring_sq_ready(&ring_) > 0) {
    const int submitted = io_uring_submit(&ring_);
    // Out of memory for requests, or the completion queue is full: what is under way makes room.
    TIDEMARK_CHECK(submitted > 0 || submitted == -EAGAIN || submitted == -EBUSY || submitted == -EINTR);
    if (submitted == -EBUSY || submitted == -EAGAIN) return Signal();
  }
}

void UringDevice::Reap(std::vector<DeviceCompletion>& out) {
  ClearSignal();
  TakeCompletions(out);
}

void UringDevice::TakeCompletions(std::vector<DeviceCompletion>& out) {
  io_uring_cqe* entry = nullptr;
  bool goes_on = false;
  while (io_uring_peek_cqe(&ring_, &entry) == 0) {
    const auto slot = static_cast<uint32_t>(io_uring_cqe_get_data64(entry));
    const int result = entry->res;
    io_uring_cqe_seen(&ring_, entry);
    DeviceOperation& operation = slots_[slot];
    const TransferStep step = AdvanceTransfer(operation, result);
    if (step.more) {
      Enqueue(slot);
      goes_on = true;
      continue;
    }
    out.push_back({operation.tag, step.error});
    free_slots_.push_back(slot);
    --in_flight_;
  }
  if (goes_on || io_uring_sq_ready(&ring_) > 0) Kick();
}

void UringDevice::Wait() {
  if (in_flight_ == 0) return;
  Kick();
  io_uring_cqe* entry = nullptr;
  while (io_uring_wait_cqe(&ring_, &entry) == -EINTR) {
  }
}

}  // namespace tidemark::tiering
