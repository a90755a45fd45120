// Goal: fieldsets are found under their names, each field with the place of its value, and account for their memory.
#include "commands/hash/fieldsets.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tidemark::commands {
namespace {

using Names = std::vector<std::string_view>;

std::string Describe(const Fieldsets::Fieldset& fieldset) {
  std::string text;
  for (const Fieldsets::Field& field : fieldset) text += field.name + "=" + std::to_string(field.value_index) + " ";
  return text;
}

TEST(Fieldsets, SortsFieldsAndKeepsWhereTheirValuesAre) {
  Fieldsets fieldsets;
  ASSERT_TRUE(fieldsets.Prepare("u", Names{"name", "b", "aa", "", "email"}));
  EXPECT_EQ(Describe(*fieldsets.Find("u")), "=3 b=1 aa=2 name=0 email=4 ");
  EXPECT_EQ(fieldsets.Find("v"), nullptr);
}

TEST(Fieldsets, ARefusedFieldsetLeavesTheOldOne) {
  Fieldsets fieldsets;
  ASSERT_TRUE(fieldsets.Prepare("u", Names{"a", "b"}));
  EXPECT_FALSE(fieldsets.Prepare("u", Names{"x", "y", "x"}));
  EXPECT_EQ(Describe(*fieldsets.Find("u")), "a=0 b=1 ");
  EXPECT_TRUE(fieldsets.Prepare("u", Names{"z"}));
  EXPECT_EQ(Describe(*fieldsets.Find("u")), "z=0 ");
}

TEST(Fieldsets, MemoryIsGivenBack) {
  Fieldsets fieldsets;
  const std::string name(1000, 'f');
  fieldsets.Prepare("", Names{name, "b"});
  EXPECT_GT(fieldsets.memory_bytes(), 1000u);
  fieldsets.Prepare("", Names{"a"});
  EXPECT_LT(fieldsets.memory_bytes(), 1000u);
  fieldsets.Prepare("x", Names{name});
  EXPECT_TRUE(fieldsets.Discard("x"));
  EXPECT_FALSE(fieldsets.Discard("x"));
  EXPECT_TRUE(fieldsets.Discard(""));
  EXPECT_EQ(fieldsets.memory_bytes(), 0u);
  fieldsets.Prepare("x", Names{name});
  fieldsets.Prepare("y", Names{name});
  EXPECT_EQ(fieldsets.DiscardAll(), 2u);
  EXPECT_EQ(fieldsets.memory_bytes(), 0u);
}

}  // namespace
}  // namespace tidemark::commands
