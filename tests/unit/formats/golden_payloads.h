// What redis-server 7.0.15 answered to DUMP: tests/unit/formats/golden/capture.py.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace tidemark::formats {

struct Golden {
  std::string name;
  bool exact = false;
  std::string payload;
};

inline std::vector<Golden> ReadGolden() {
  std::ifstream file(TIDEMARK_SOURCE_DIR "/tests/unit/formats/golden/redis-7.0.15.txt");
  std::vector<Golden> all;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    Golden golden;
    std::string comparison;
    std::string hex;
    words >> golden.name >> comparison >> hex;
    golden.exact = comparison == "exact";
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
      golden.payload.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    all.push_back(golden);
  }
  return all;
}

}  // namespace tidemark::formats
