// Packed lists from outside: checked, and brought into the one form in which values/ keeps elements.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "values/listpack.h"

namespace tidemark::formats {

// Takes a string off the front of `in` that is a packed list with at least one element. It points into `in` or into
// `scratch`.
Result<std::string_view> DecodePacked(std::string_view& in, std::string& scratch);

// A packed list that has been checked, as a handle to read.
values::Listpack ReadOnlyPack(std::string_view bytes);

// Whether every element has the form that Listpack would give it. Others hold the same elements, but are slow to search
// or take more room.
bool IsCanonicalPack(std::string_view bytes);
// A packed list of the same elements, each in its canonical form. The caller destroys it.
values::Listpack CanonicalPack(std::string_view bytes);

// Whether no two of the elements at 0, step, 2 * step ... are equal.
bool AllDiffer(std::string_view bytes, size_t step);

}  // namespace tidemark::formats
