// rule-docs DIR: writes the pages of docs/rules into DIR, which holds examples/.
// rule-docs --check DIR: writes nothing; exit code 1 and the names of the pages that differ.
// SPDX-License-Identifier: MIT
#include <fstream>
#include <iostream>
#include <sstream>

#include "tools/commands.hpp"
#include "tools/rule_pages.hpp"

namespace {

namespace fs = std::filesystem;
using namespace vouch::tools;

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

int check(const fs::path& folder) {
  int code = exit_ok;
  const auto pages = rule_pages(folder / "examples");
  const auto complain = [&code](const std::string& name, const char* what) {
    std::cerr << name << " " << what << "; run rule-docs on the folder\n";
    code = exit_findings;
  };
  for (const auto& [name, text] : pages) {
    if (text_of(folder / name) != text) complain(name, "differs from the table of rules");
  }
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && !pages.contains(name)) complain(name, "belongs to no family");
  }
  return code;
}

int write(const fs::path& folder) {
  for (const auto& [name, text] : rule_pages(folder / "examples")) {
    std::ofstream out(folder / name);
    out << text;
    if (!out.flush()) {
      std::cerr << (folder / name).string() << " cannot be written; does the folder exist?\n";
      return exit_failed;
    }
  }
  return exit_ok;
}

}  // namespace

int main(int argc, char** argv) {
  const bool checks = argc == 3 && std::string_view(argv[1]) == "--check";
  if (argc != 2 && !checks) {
    std::cerr << "usage: rule-docs [--check] DIR\n";
    return exit_failed;
  }
  return checks ? check(argv[2]) : write(argv[1]);
}
