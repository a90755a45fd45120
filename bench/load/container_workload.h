// Commands on containers: `key_count` of them, each with `member_count` members. A member (a field, an element) is the
// index in letters and digits, `member_bytes` long and in no order. What belongs to it when members are added in turn
// is a function of both indexes, so that any process can check a reply:
//
//   hash        the value of a field: `value_bytes` random bytes
//   list        element i is member i
//   sorted set  the score of member i is i and a half, so that its rank is i
//   stream      entry i has the identifier (i + 1)-0 and one field with the member
//
// In random order, adding changes what is there: other values, scores all over the range, half of a set's members new.
#pragma once

#include <string>

#include "index_sequence.h"
#include "workload.h"

namespace tidemark::bench {

class ContainerWorkload : public Workload {
 public:
  static constexpr uint64_t kListRange = 100;  // elements of an LRANGE
  static constexpr uint64_t kScoreRange = 10;  // members of a ZRANGEBYSCORE
  static constexpr uint64_t kEntryRange = 10;  // entries of an XRANGE

  explicit ContainerWorkload(const WorkloadOptions& options);

  Request AppendNext(std::string* out) override;
  Verdict Judge(const Request& request, std::string_view reply, Verify verify) const override;
  size_t reply_bytes_max() const override;

 private:
  // The first member a request is about.
  uint64_t MemberOf(uint64_t index);
  void AppendMember(uint64_t member, std::string* out) const;
  void AppendBulk(std::string_view bytes, std::string* out) const;
  void AppendNumber(uint64_t number, std::string_view head, std::string* out) const;
  void AppendArguments(const Request& request, std::string* out) const;
  bool IsMember(uint64_t member, std::string_view element) const;
  bool AreMembers(uint64_t first, uint64_t count, std::string_view array, Verify verify) const;
  bool AreEntries(uint64_t first, uint64_t count, std::string_view array, Verify verify) const;

  const WorkloadOptions options_;
  IndexSequence indexes_;
};

}  // namespace tidemark::bench
