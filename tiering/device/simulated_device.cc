#include "tiering/device/simulated_device.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace tidemark::tiering {

SimulatedDevice::SimulatedDevice() : event_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  TIDEMARK_CHECK(event_fd_ >= 0);
}

SimulatedDevice::~SimulatedDevice() {
  close(event_fd_);
}

uint64_t SimulatedDevice::total_bytes() const {
  uint64_t bytes = 0;
  for (const auto& [number, content] : files_) bytes += content.size();
  return bytes;
}

Result<uint32_t> SimulatedDevice::CreateFile(uint64_t bytes) {
  if (total_bytes() + bytes > capacity_bytes) return Status::NoSpace("the simulated device is full");
  files_.emplace(++last_file_, std::string(bytes, '\0'));
  return last_file_;
}

void SimulatedDevice::PrepareFile(uint64_t bytes) {
  TIDEMARK_CHECK(!preparing_bytes_);
  preparing_bytes_ = bytes;
  Signal();
}

std::optional<Result<uint32_t>> SimulatedDevice::TakePrepared() {
  if (!preparing_bytes_ || hangs_preparing) return std::nullopt;
  return CreateFile(*std::exchange(preparing_bytes_, std::nullopt));
}

Result<uint32_t> SimulatedDevice::OpenFile(uint64_t serial, uint64_t bytes) {
  const auto file = files_.find(static_cast<uint32_t>(serial));
  if (file == files_.end() || file->first != serial) {
    return Status::NotFound("file " + std::to_string(serial) + " is not there");
  }
  if (file->second.size() < bytes) return Status::Corruption("file " + std::to_string(serial) + " is too short");
  file->second.resize(bytes);
  last_file_ = std::max(last_file_, file->first);
  return file->first;
}

void SimulatedDevice::ShrinkFile(uint32_t file, uint64_t bytes) {
  files_.at(file).resize(bytes);
}

void SimulatedDevice::RemoveFile(uint32_t file) {
  for (const DeviceOperation& operation : waiting_) TIDEMARK_CHECK(operation.file != file);
  TIDEMARK_CHECK(files_.erase(file) == 1);
}

void SimulatedDevice::Submit(const DeviceOperation& operation) {
  const auto aligned = [](uint64_t value) { return value % kAlignment == 0; };
  TIDEMARK_CHECK(aligned(operation.offset) && aligned(operation.bytes) && operation.bytes > 0);
  TIDEMARK_CHECK(aligned(reinterpret_cast<uintptr_t>(operation.data)));
  waiting_.push_back(operation);
}

void SimulatedDevice::Signal() {
  const uint64_t one = 1;
  TIDEMARK_CHECK(write(event_fd_, &one, sizeof(one)) == sizeof(one));
}

int SimulatedDevice::Run(const DeviceOperation& operation) {
  const auto file = files_.find(operation.file);
  TIDEMARK_CHECK(file != files_.end());
  const int error = fault ? fault(operation) : 0;
  size_t bytes = operation.bytes;
  if (error != 0 && (operation.kind == DeviceOperation::Kind::kRead || !tears)) return error;
  if (error != 0) bytes /= 2;
  if (operation.offset + operation.bytes > file->second.size()) return EIO;
  char* const content = file->second.data() + operation.offset;
  if (operation.kind == DeviceOperation::Kind::kRead) {
    std::memcpy(operation.data, content, bytes);
  } else {
    std::memcpy(content, operation.data, bytes);
  }
  return error;
}

size_t SimulatedDevice::Step(size_t count) {
  const size_t steps = std::min(count, waiting_.size());
  for (size_t i = 0; i < steps; ++i) done_.push_back({waiting_[i].tag, Run(waiting_[i])});
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(steps));
  if (steps > 0) Signal();
  return steps;
}

void SimulatedDevice::Reap(std::vector<DeviceCompletion>& out) {
  uint64_t signals = 0;
  [[maybe_unused]] const ssize_t cleared = read(event_fd_, &signals, sizeof(signals));
  out.insert(out.end(), done_.begin(), done_.end());
  done_.clear();
}

int SimulatedDevice::ReadNow(uint32_t file, uint64_t offset, char* data, size_t bytes) {
  return Run({.file = file, .offset = offset, .data = data, .bytes = bytes});
}

}  // namespace tidemark::tiering
