#include "formats/producers_codec.h"

#include "formats/rdb_string.h"

namespace tidemark::formats {

using values::IdempotencyLimits;
using values::IdempotentProducers;
using values::Stream;
using values::StreamId;

namespace {

Status Damaged(std::string_view what) {
  return Status::Corruption("a stream " + std::string(what));
}

// A number of things that take at least `bytes_each`.
Result<uint64_t> DecodeCount(std::string_view& in, size_t bytes_each) {
  Result<uint64_t> count = DecodeLength(in);
  if (count && *count > in.size() / bytes_each) return Damaged("says it has more of its producers than it can");
  return count;
}

Status DecodeIid(std::string_view& in, std::string_view pid, IdempotentProducers& producers) {
  std::string scratch;
  const Result<std::string_view> text = DecodeString(in, scratch);
  if (!text) return text.error();
  const Result<uint64_t> ms = DecodeLength(in);
  if (!ms) return ms.error();
  const Result<uint64_t> seq = DecodeLength(in);
  if (!seq) return seq.error();
  const bool restored = producers.Restore(pid, *text, StreamId{*ms, *seq});
  return restored ? Status::Ok() : Damaged("has an ID of a producer twice, or more than it may");
}

Status DecodeProducer(std::string_view& in, IdempotentProducers& producers) {
  std::string scratch;
  const Result<std::string_view> pid = DecodeString(in, scratch);
  if (!pid) return pid.error();
  // A text and two numbers.
  const Result<uint64_t> count = DecodeCount(in, 3);
  if (!count) return count.error();
  for (uint64_t i = 0; i < *count; ++i) TIDEMARK_RETURN_IF_ERROR(DecodeIid(in, *pid, producers));
  return Status::Ok();
}

}  // namespace

bool HasProducers(const Stream& stream, Audience audience) {
  const IdempotentProducers* const producers = stream.producers();
  if (producers == nullptr || audience == Audience::kTidemark) return producers != nullptr;
  return producers->iid_count() > 0 || producers->iids_added > 0 || producers->iids_duplicates > 0 ||
         producers->limits() != IdempotencyLimits{};
}

void EncodeProducers(const Stream& stream, const EncodeOptions& options, std::string& out) {
  const IdempotentProducers* const producers = stream.producers();
  IdempotencyLimits limits;
  if (producers != nullptr) {
    limits = producers->limits();
  } else if (options.audience == Audience::kTidemark) {
    limits = {.duration_seconds = 0, .iids_max = 0};
  }
  EncodeLength(static_cast<uint64_t>(limits.duration_seconds), out);
  EncodeLength(static_cast<uint64_t>(limits.iids_max), out);
  EncodeLength(producers == nullptr ? 0 : producers->producer_count(), out);
  if (producers != nullptr) {
    producers->ForEach(
        [&](std::string_view pid, size_t count) {
          EncodeString(pid, options.strings, out);
          EncodeLength(count, out);
        },
        [&](const IdempotentProducers::Iid& iid) {
          EncodeString(iid.text, options.strings, out);
          EncodeLength(iid.id.ms, out);
          EncodeLength(iid.id.seq, out);
        });
  }
  EncodeLength(producers == nullptr ? 0 : producers->iids_added, out);
  EncodeLength(producers == nullptr ? 0 : producers->iids_duplicates, out);
}

Status DecodeProducers(std::string_view& in, Stream& stream) {
  const Result<uint64_t> duration = DecodeLength(in);
  if (!duration) return duration.error();
  const Result<uint64_t> iids_max = DecodeLength(in);
  if (!iids_max) return iids_max.error();
  IdempotentProducers* producers = nullptr;
  if (*duration != 0 || *iids_max != 0) {
    const IdempotencyLimits limits{static_cast<int64_t>(*duration), static_cast<int64_t>(*iids_max)};
    if (!limits.valid()) return Damaged("remembers its producers for longer, or more of them, than it may");
    producers = &stream.GetProducers(limits);
  }
  // A text and a count.
  const Result<uint64_t> count = DecodeCount(in, 2);
  if (!count) return count.error();
  if (producers == nullptr && *count > 0) return Damaged("has producers it does not remember");
  for (uint64_t i = 0; i < *count; ++i) TIDEMARK_RETURN_IF_ERROR(DecodeProducer(in, *producers));
  const Result<uint64_t> added = DecodeLength(in);
  if (!added) return added.error();
  const Result<uint64_t> duplicates = DecodeLength(in);
  if (!duplicates) return duplicates.error();
  if (producers != nullptr) {
    producers->iids_added = *added;
    producers->iids_duplicates = *duplicates;
  }
  return Status::Ok();
}

}  // namespace tidemark::formats
