#include "values/list.h"

#include "base/check.h"
#include "base/memory.h"

namespace tidemark::values {
namespace {

Quicklist* QuicklistOf(const Object& object) {
  return static_cast<Quicklist*>(object.pointer);
}

}  // namespace

void FreeList(const Object& object) {
  if (object.encoding == Encoding::kQuicklist) return Quicklist::Destroy(QuicklistOf(object));
  Listpack(object.pointer).Destroy();
}

Object CloneList(const Object& object) {
  Object copy = object;
  if (object.encoding == Encoding::kQuicklist) {
    copy.pointer = QuicklistOf(object)->Clone();
  } else if (object.pointer != nullptr) {
    copy.pointer = Listpack::CopyOf(Listpack(object.pointer).view()).block();
  }
  return copy;
}

size_t ListBytes(const Object& object) {
  if (object.encoding == Encoding::kQuicklist) return QuicklistOf(object)->AllocatedBytes();
  return object.pointer == nullptr ? 0 : Listpack(object.pointer).AllocatedBytes();
}

uint64_t ListSize(const Object& object) {
  if (object.encoding == Encoding::kQuicklist) return QuicklistOf(object)->size();
  return object.pointer == nullptr ? 0 : Listpack(object.pointer).count();
}

size_t ListFreeEffort(const Object& object) {
  return object.encoding == Encoding::kQuicklist ? QuicklistOf(object)->node_count() : 1;
}

size_t ListView::node_count() const {
  if (packed()) return size() > 0 ? 1 : 0;
  return quicklist().node_count();
}

Listpack List::EnsurePack() {
  if (object_.pointer == nullptr) SetPack(Listpack::Create());
  return pack();
}

void List::ConvertToQuicklist() {
  Quicklist* const list = Quicklist::Create(limits_.list_compress_depth);
  if (object_.pointer != nullptr) list->AppendNode(QuicklistNode::NewPacked(pack()));
  object_.encoding = target_.encoding = Encoding::kQuicklist;
  object_.pointer = target_.pointer = list;
}

void List::MakeRoom(size_t bytes, size_t count) {
  if (!packed()) return;
  const size_t old_bytes = object_.pointer == nullptr ? Listpack::kEmptyBytes : pack().bytes();
  if (!node_limit_.Allows(old_bytes + bytes, size() + count)) ConvertToQuicklist();
}

void List::TryShrink() {
  if (packed()) return;
  Quicklist& list = quicklist();
  if (list.node_count() != 1 || list.head()->plain()) return;
  const QuicklistNode& node = *list.head();
  if (!node_limit_.AllowsTwice(node.bytes(), node.count())) return;
  const Listpack only = list.ReleaseOnlyPack();
  Quicklist::Destroy(&list);
  object_.encoding = target_.encoding = Encoding::kListpack;
  SetPack(only);
}

void List::Push(ListEnd end, std::span<const std::string_view> texts) {
  size_t bytes = 0;
  for (const std::string_view text : texts) bytes += text.size();
  MakeRoom(bytes, texts.size());
  if (!packed()) {
    for (const std::string_view text : texts) quicklist().Push(end, text, node_limit_);
    return;
  }
  Listpack list = EnsurePack();
  for (const std::string_view text : texts) {
    if (end == ListEnd::kHead) {
      list.Prepend(text);
    } else {
      list.Append(text);
    }
  }
  SetPack(list);
}

void List::Insert(uint64_t index, std::string_view text) {
  MakeRoom(text.size(), 1);
  if (!packed()) return quicklist().Insert(index, text, node_limit_);
  Listpack list = EnsurePack();
  list.Insert(index == size() ? nullptr : list.Seek(static_cast<int64_t>(index)), text);
  SetPack(list);
}

void List::Replace(uint64_t index, std::string_view text) {
  MakeRoom(text.size(), 1);
  if (packed()) {
    Listpack list = pack();
    list.Replace(list.Seek(static_cast<int64_t>(index)), text);
    SetPack(list);
  } else {
    quicklist().Replace(index, text, node_limit_);
    TryShrink();
  }
}

uint64_t List::Remove(ListEnd end, std::string_view text, uint64_t count_max) {
  if (!packed()) {
    const uint64_t removed = quicklist().Remove(end, text, count_max);
    if (removed > 0) TryShrink();
    return removed;
  }
  if (object_.pointer == nullptr) return 0;
  Listpack list = pack();
  const uint64_t removed = RemoveMatches(list, end, ElementMatcher(text), count_max);
  SetPack(list);
  return removed;
}

void List::EraseRange(uint64_t start, uint64_t count) {
  if (count == 0) return;
  if (!packed()) {
    quicklist().EraseRange(start, count);
    return TryShrink();
  }
  Listpack list = pack();
  list.EraseRange(static_cast<int64_t>(start), count);
  SetPack(list);
}

void List::AppendPackedNode(std::string_view bytes) {
  Listpack node = Listpack::CopyOf(bytes);
  if (node.empty()) return node.Destroy();
  if (object_.pointer == nullptr) {
    if (node_limit_.Allows(node.bytes(), node.count())) return SetPack(node);
  }
  if (packed()) ConvertToQuicklist();
  quicklist().AppendNode(QuicklistNode::NewPacked(node));
}

void List::AppendPlainNode(std::string_view text) {
  if (packed()) ConvertToQuicklist();
  quicklist().AppendNode(QuicklistNode::NewPlain(text));
}

}  // namespace tidemark::values
