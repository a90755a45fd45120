// Goal: manifests are read as Redis reads them, with its words for what is wrong, come back as they were, and nothing
// that is cut off or flipped does harm.
#include "formats/aof_manifest.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace tidemark::formats {
namespace {

using namespace std::string_literals;

AofManifest Sample() {
  AofManifest manifest;
  manifest.base = AofFile{.name = "appendonly.aof.2.base.rdb", .seq = 2};
  manifest.history = {{.name = "appendonly.aof.1.base.rdb", .seq = 1}, {.name = "appendonly.aof.1.incr.aof", .seq = 1}};
  manifest.increments = {{.name = "appendonly.aof.2.incr.aof", .seq = 2, .start_offset = 21, .end_offset = 90},
                         {.name = "a \"strange\"\nname'\xff", .seq = 7, .start_offset = 90}};
  return manifest;
}

std::string ErrorOf(std::string_view text) {
  const Result<AofManifest> manifest = AofManifest::Parse(text);
  if (manifest) return "none";
  EXPECT_EQ(manifest.error().code(), StatusCode::kCorruption);
  return manifest.error().message();
}

TEST(AofManifest, IsWrittenAsRedisWritesIt) {
  EXPECT_EQ(Sample().Render(),
            "file appendonly.aof.2.base.rdb seq 2 type b\n"
            "file appendonly.aof.1.base.rdb seq 1 type h\n"
            "file appendonly.aof.1.incr.aof seq 1 type h\n"
            "file appendonly.aof.2.incr.aof seq 2 type i startoffset 21 endoffset 90\n"
            "file \"a \\\"strange\\\"\\nname'\\xff\" seq 7 type i startoffset 90\n");
  EXPECT_EQ(AofManifest().Render(), "");
}

TEST(AofManifest, ComesBack) {
  const Result<AofManifest> read = AofManifest::Parse(Sample().Render());
  ASSERT_TRUE(read.has_value()) << read.error().message();
  EXPECT_EQ(*read, Sample());
}

TEST(AofManifest, AnyNameComesBack) {
  constexpr uint64_t kSeed = 11;
  Random random(kSeed);
  for (int round = 0; round < 2000; ++round) {
    std::string name = "n";
    for (uint64_t i = random.Below(230); i > 0; --i) name.push_back(static_cast<char>(1 + random.Below(255)));
    for (char& c : name) {
      if (c == '/' || c == '\\') c = ' ';
    }
    AofManifest manifest;
    manifest.increments.push_back(
        {.name = name, .seq = UINT64_MAX, .start_offset = UINT64_MAX, .end_offset = UINT64_MAX});
    const Result<AofManifest> read = AofManifest::Parse(manifest.Render());
    ASSERT_TRUE(read.has_value()) << "seed " << kSeed << " round " << round << ": " << read.error().message();
    ASSERT_EQ(*read, manifest) << "seed " << kSeed << " round " << round;
  }
}

TEST(AofManifest, PairsInAnyOrderAndUnknownOnes) {
  const Result<AofManifest> read = AofManifest::Parse(
      "#comment " + std::string(2000, 'x') +
      "\n \ttype b colour \"dark blue\" SEQ 3 File 'x y'\r\nfile i seq 1 type i\nfile j seq 4 type i\n# the end");
  ASSERT_TRUE(read.has_value()) << read.error().message();
  EXPECT_EQ(read->base, (AofFile{.name = "x y", .seq = 3}));
  EXPECT_EQ(read->increments, (std::vector<AofFile>{{.name = "i", .seq = 1}, {.name = "j", .seq = 4}}));
  EXPECT_EQ(AofManifest::Parse("#nothing\n").value(), AofManifest());
}

TEST(AofManifest, SaysWhatIsWrong) {
  EXPECT_EQ(ErrorOf(""), "Found an empty AOF manifest");
  EXPECT_EQ(ErrorOf("#\nfile b seq 1 type b\nfile c seq 2 type b\n"),
            "Reading the manifest file, at line 3\n>>> 'file c seq 2 type b'\nFound duplicate base file information");
  struct Case {
    std::string text;
    const char* wrong;
  };
  constexpr const char* kFormat = "Invalid AOF manifest file format";
  constexpr const char* kTooLong = "The AOF manifest file contains too long line";
  constexpr const char* kPath = "File can't be a path, just a filename";
  constexpr const char* kOrder = "Found a non-monotonic sequence number";
  constexpr const char* kType = "Unknown AOF file type";
  const std::string just_too_long = "file " + std::string(1024 - 18, 'x') + " seq 1 type b\n";
  ASSERT_EQ(just_too_long.size(), 1025u);
  std::string just_fits = just_too_long;
  just_fits.erase(5, 1);
  EXPECT_EQ(ErrorOf(just_fits), "none");
  for (const Case& test : {Case{"\n", kFormat},
                           {"file b seq 1 type b\n\n", kFormat},
                           {"file b seq 1 type b", kTooLong},
                           {just_too_long, kTooLong},
                           {"file b seq 1\n", kFormat},
                           {"file b seq 1 type\n", kFormat},
                           {"file b seq 1 type b more\n", kFormat},
                           {"name b seq 1 type b\n", kFormat},
                           {"file b seq 0 type b\n", kFormat},
                           {"file b seq -1 type b\n", kFormat},
                           {"file b seq 1x type b\n", kFormat},
                           {"file b seq 18446744073709551616 type b\n", kFormat},
                           {"file b seq 1 type i startoffset x\n", kFormat},
                           {"file \"\" seq 1 type b\n", kFormat},
                           {"file \"b seq 1 type b\n", kFormat},
                           {"file d/b seq 1 type b\n", kPath},
                           {"file d\\b seq 1 type b\n", kPath},
                           {"file .. seq 1 type b\n", kPath},
                           {"file \"b\\x00\" seq 1 type b\n", kPath},
                           {"file b seq 1 type B\n", kType},
                           {"file b seq 1 type \"\"\n", kType},
                           {"file b seq 1 type i\nfile c seq 1 type i\n", kOrder},
                           {"file b seq 2 type i\nfile b seq 1 type i\n", kOrder}}) {
    const std::string error = ErrorOf(test.text);
    EXPECT_EQ(error.substr(error.rfind('\n') + 1), test.wrong) << test.text;
    EXPECT_TRUE(error.starts_with("Reading the manifest file, at line ")) << error;
  }
}

TEST(AofManifest, EveryCutIsNoticedOrEndsAtALine) {
  const std::string text = Sample().Render();
  for (size_t bytes = 0; bytes < text.size(); ++bytes) {
    const Result<AofManifest> read = AofManifest::Parse(std::string_view(text).substr(0, bytes));
    ASSERT_EQ(read.has_value(), bytes > 0 && text[bytes - 1] == '\n') << bytes;
  }
}

TEST(AofManifest, EveryFlippedBitDoesNoHarm) {
  const std::string text = Sample().Render();
  for (size_t at = 0; at < text.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = text;
      damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
      const Result<AofManifest> read = AofManifest::Parse(damaged);
      if (!read) continue;
      const Result<AofManifest> again = AofManifest::Parse(read->Render() + "#");
      ASSERT_TRUE(again.has_value()) << at << " bit " << bit << " " << again.error().message();
      ASSERT_EQ(*again, *read) << at << " bit " << bit;
    }
  }
}

TEST(AofManifest, NamesOfFiles) {
  EXPECT_EQ(AofManifestName("appendonly.aof"), "appendonly.aof.manifest");
  EXPECT_EQ(AofBaseName("a", 1, AofBaseForm::kRdb), "a.1.base.rdb");
  EXPECT_EQ(AofBaseName("a", 2, AofBaseForm::kCommands), "a.2.base.aof");
  EXPECT_EQ(AofBaseName("a", 3, AofBaseForm::kCheckpoint), "a.3.base.checkpoint");
  EXPECT_EQ(AofIncrementName("a b", 4), "a b.4.incr.aof");
  EXPECT_EQ(AofTemporaryName(AofManifestName("a")), "temp-a.manifest");
}

}  // namespace
}  // namespace tidemark::formats
