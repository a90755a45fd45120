#include "values/quicklist_node.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

#include "base/check.h"
#include "base/lzf.h"
#include "base/memory.h"
#include "values/string_blob.h"

namespace tidemark::values {
namespace {

// Shorter blocks are not worth the work, nor are savings below the second figure.
constexpr size_t kCompressBytesMin = 48;
constexpr size_t kSavedBytesMin = 8;
// What an element may take beside its own bytes, for estimates.
constexpr size_t kElementOverhead = 8;
// What is kept free in front of a node's elements: when some is made, and when it has become too much.
constexpr size_t kLeadShare = 4;
constexpr size_t kLeadBytesMax = std::numeric_limits<uint16_t>::max();

// A compressed block is a StringBlob: the uncompressed size, then the compressed bytes.
using RawSize = uint64_t;

RawSize RawSizeOf(const StringBlob& blob) {
  RawSize size;
  std::memcpy(&size, blob.data(), sizeof(size));
  return size;
}

}  // namespace

NodeLimit NodeLimit::Of(int list_max_listpack_size) {
  constexpr int kCountMax = 32767;
  constexpr int kSizeClasses = 5;
  if (list_max_listpack_size < 0) {
    const int size_class = std::min(kSizeClasses, -std::max(list_max_listpack_size, -kSizeClasses));
    return {.bytes_max = size_t{4096} << (size_class - 1), .count_max = kUncounted};
  }
  return {.bytes_max = kCountedBytesMax,
          .count_max = static_cast<size_t>(std::clamp(list_max_listpack_size, 1, kCountMax))};
}

QuicklistNode* QuicklistNode::NewPacked(Listpack pack) {
  auto* const node = new (Allocate(sizeof(QuicklistNode))) QuicklistNode;
  node->block_ = pack.block();
  node->count_ = static_cast<uint32_t>(pack.count());
  return node;
}

QuicklistNode* QuicklistNode::NewPlain(std::string_view text) {
  auto* const node = new (Allocate(sizeof(QuicklistNode))) QuicklistNode;
  node->form_ = Form::kPlain;
  node->block_ = StringBlob::Create(text);
  node->count_ = 1;
  return node;
}

void QuicklistNode::Destroy(QuicklistNode* node) {
  node->ReleaseBlock();
  Release(node);
}

void QuicklistNode::ReleaseBlock() {
  if (compressed_ || plain()) {
    StringBlob::Destroy(static_cast<StringBlob*>(block_));
  } else {
    Listpack(block_).Destroy();
    lead_ = 0;
  }
}

QuicklistNode* QuicklistNode::Clone() const {
  auto* const copy = new (Allocate(sizeof(QuicklistNode))) QuicklistNode(*this);
  copy->previous = copy->next = nullptr;
  if (compressed_ || plain()) {
    copy->block_ = StringBlob::Create(static_cast<const StringBlob*>(block_)->view());
  } else {
    copy->block_ = Listpack::CopyOf(pack().view()).block();
    copy->lead_ = 0;
  }
  return copy;
}

size_t QuicklistNode::bytes() const {
  if (compressed_) return RawSizeOf(*static_cast<const StringBlob*>(block_));
  return raw().size();
}

size_t QuicklistNode::AllocatedBytes() const {
  const size_t block_bytes = compressed_ || plain()
                                 ? sizeof(StringBlob) + static_cast<const StringBlob*>(block_)->size()
                                 : lead_ + pack().bytes();
  return sizeof(QuicklistNode) + GoodSize(block_bytes);
}

std::string_view QuicklistNode::raw() const {
  TIDEMARK_DCHECK(!compressed_);
  return plain() ? static_cast<const StringBlob*>(block_)->view() : pack().view();
}

void QuicklistNode::ReplacePlain(std::string_view text) {
  StringBlob* const blob = StringBlob::Create(text);
  ReleaseBlock();
  block_ = blob;
}

bool QuicklistNode::HasRoom(std::string_view text, const NodeLimit& limit) const {
  return !plain() && limit.Allows(bytes() + text.size() + kElementOverhead, count_ + 1);
}

void QuicklistNode::Compress() {
  if (compressed_) return;
  const std::string_view from = raw();
  if (from.size() < kCompressBytesMin || from.size() > std::numeric_limits<uint32_t>::max()) return;
  const size_t room = from.size() - kSavedBytesMin - sizeof(RawSize);
  StringBlob* blob = StringBlob::Create(0, sizeof(RawSize) + room);
  const size_t bytes = LzfCompress(from, blob->data() + sizeof(RawSize), room);
  if (bytes == 0) return StringBlob::Destroy(blob);
  const RawSize raw_size = from.size();
  std::memcpy(blob->data(), &raw_size, sizeof(raw_size));
  StringBlob* const fitting = StringBlob::Create(std::string_view(blob->data(), sizeof(RawSize) + bytes));
  StringBlob::Destroy(blob);
  ReleaseBlock();
  block_ = fitting;
  compressed_ = true;
}

void QuicklistNode::DecompressTo(char* out) const {
  const auto* const blob = static_cast<const StringBlob*>(block_);
  TIDEMARK_CHECK(LzfDecompress(blob->view().substr(sizeof(RawSize)), out, RawSizeOf(*blob)));
}

void QuicklistNode::Unfold() {
  if (lead_ > 0) return CloseLead(lead_);
  if (!compressed_) return;
  void* unfolded;
  if (plain()) {
    StringBlob* const blob = StringBlob::Create(bytes(), bytes());
    DecompressTo(blob->data());
    unfolded = blob;
  } else {
    unfolded = Allocate(bytes());
    DecompressTo(static_cast<char*>(unfolded));
  }
  ReleaseBlock();
  block_ = unfolded;
  compressed_ = false;
}

void QuicklistNode::PushFront(std::string_view text, const NodeLimit& limit) {
  Listpack list = pack();
  size_t taken = list.PrependInto(lead_, text);
  if (taken == 0) {
    const size_t bytes = list.bytes();
    const size_t needed = text.size() + kElementOverhead;
    const size_t to_limit = limit.bytes_max > bytes ? limit.bytes_max - bytes : 0;
    MakeLead(std::max(needed, std::min(bytes / kLeadShare, to_limit)));
    list = pack();
    taken = list.PrependInto(lead_, text);
  }
  if (taken == 0) {  // too long for any room
    CloseLead(lead_);
    list = pack();
    list.Prepend(text);
    return SetPack(list, 1);
  }
  lead_ = static_cast<uint16_t>(lead_ - taken);
  ++count_;
}

void QuicklistNode::DropFront(size_t count) {
  Listpack list = pack();
  const size_t lead = lead_ + list.DropFirst(count);
  count_ -= static_cast<uint32_t>(count);
  if (lead > std::min(list.bytes(), kLeadBytesMax)) return CloseLead(lead);
  lead_ = static_cast<uint16_t>(lead);
}

void QuicklistNode::MakeLead(size_t wanted) {
  const std::string_view list = raw();
  const size_t room = GoodSize(std::min(wanted, kLeadBytesMax) + list.size());
  const size_t lead = std::min(room - list.size(), kLeadBytesMax);
  auto* const block = static_cast<char*>(Allocate(room));
  std::memcpy(block + lead, list.data(), list.size());
  ReleaseBlock();
  block_ = block;
  lead_ = static_cast<uint16_t>(lead);
}

void QuicklistNode::CloseLead(size_t lead) {
  char* const block = static_cast<char*>(block_);
  const size_t size = Listpack(block + lead).bytes();
  std::memmove(block, block + lead, size);
  lead_ = 0;
  Listpack list = pack();
  list.ShrinkToFit();
  block_ = list.block();
}

std::string_view NodeReader::Read(const QuicklistNode& node) {
  if (!node.compressed()) return node.raw();
  const size_t bytes = node.bytes();
  if (room_bytes_ < bytes) {
    room_ = std::make_unique_for_overwrite<char[]>(bytes);
    room_bytes_ = bytes;
  }
  node.DecompressTo(room_.get());
  return {room_.get(), bytes};
}

}  // namespace tidemark::values
