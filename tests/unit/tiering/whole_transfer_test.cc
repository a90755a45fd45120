// Goal: an operation of which the system transfers only a part goes on where it stopped, and ends with the bytes or the
// error that there are.
#include "tiering/device/whole_transfer.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cerrno>
#include <string>

namespace tidemark::tiering {
namespace {

TEST(WholeTransfer, GoesOnAfterAShortOne) {
  char data[10];
  DeviceOperation operation{.offset = 4096, .data = data, .bytes = 10};
  TransferStep step = AdvanceTransfer(operation, 4);
  EXPECT_TRUE(step.more);
  EXPECT_EQ(operation.offset, 4100u);
  EXPECT_EQ(operation.data, data + 4);
  EXPECT_EQ(operation.bytes, 6u);
  EXPECT_TRUE(AdvanceTransfer(operation, -EINTR).more);
  EXPECT_TRUE(AdvanceTransfer(operation, -EAGAIN).more);
  EXPECT_EQ(operation.bytes, 6u) << "nothing was transferred";
  step = AdvanceTransfer(operation, 6);
  EXPECT_FALSE(step.more);
  EXPECT_EQ(step.error, 0);
}

TEST(WholeTransfer, AnErrorOrAnEndTooEarlyIsAnError) {
  char data[10];
  DeviceOperation operation{.data = data, .bytes = 10};
  EXPECT_EQ(AdvanceTransfer(operation, -ENOSPC).error, ENOSPC);
  EXPECT_FALSE(AdvanceTransfer(operation, -ENOSPC).more);
  EXPECT_EQ(AdvanceTransfer(operation, 0).error, EIO) << "the file was cut short";
}

TEST(WholeTransfer, OfAFileThatIsShorterThanAsked) {
  const int fd = memfd_create("whole_transfer", 0);
  ASSERT_GE(fd, 0);
  std::string written = "twelve bytes";
  DeviceOperation write{.kind = DeviceOperation::Kind::kWrite, .data = written.data(), .bytes = written.size()};
  EXPECT_EQ(RunWhole(fd, write), 0);
  std::string read(12, ' ');
  EXPECT_EQ(RunWhole(fd, {.data = read.data(), .bytes = 12}), 0);
  EXPECT_EQ(read, written);
  EXPECT_EQ(RunWhole(fd, {.offset = 6, .data = read.data(), .bytes = 12}), EIO);
  close(fd);
}

}  // namespace
}  // namespace tidemark::tiering
