// A container that is freed with its holder, unless it is handed on.
#pragma once

#include <utility>

#include "values/object.h"

namespace tidemark::values {

class OwnedObject {
 public:
  OwnedObject() = default;
  explicit OwnedObject(const Object& object) : object_(object), owned_(true) {}
  ~OwnedObject() { Reset(); }
  OwnedObject(OwnedObject&& other) noexcept : object_(other.object_), owned_(std::exchange(other.owned_, false)) {}
  OwnedObject& operator=(OwnedObject&& other) noexcept {
    if (this == &other) return *this;
    Reset();
    object_ = other.object_;
    owned_ = std::exchange(other.owned_, false);
    return *this;
  }
  OwnedObject(const OwnedObject&) = delete;
  OwnedObject& operator=(const OwnedObject&) = delete;

  bool has_value() const { return owned_; }
  // For handles that change it in place.
  Object& operator*() { return object_; }
  const Object& operator*() const { return object_; }
  const Object* operator->() const { return &object_; }
  // The caller frees it from now on.
  Object Release() {
    owned_ = false;
    return object_;
  }

 private:
  void Reset() {
    if (owned_) FreeObject(object_);
    owned_ = false;
  }

  Object object_;
  bool owned_ = false;
};

}  // namespace tidemark::values
