#include "t/unit/policy/temporary_files.hpp"

#include <fstream>

namespace ipfence {

TemporaryFiles::TemporaryFiles() {
    std::string name = (std::filesystem::temp_directory_path() / "ipfence-XXXXXX").string();
    directory_ = mkdtemp(name.data());
}

TemporaryFiles::~TemporaryFiles() {
    std::filesystem::remove_all(directory_);
}

std::string TemporaryFiles::path(std::string_view name) const {
    return (directory_ / name).string();
}

void TemporaryFiles::write(std::string_view name, std::string_view text) const {
    std::ofstream(path(name), std::ios::binary) << text;
}

PolicyLoad TemporaryFiles::load(std::string_view policy) const {
    write("policy.json", policy);
    return load_policy(path("policy.json"));
}

std::string TemporaryFiles::text(const std::vector<Diagnostic> &diagnostics) const {
    std::string lines;
    const std::string prefix = directory_.string() + "/";
    for (const Diagnostic &diagnostic : diagnostics) {
        std::string line = diagnostic.text();
        if (line.starts_with(prefix)) {
            line.erase(0, prefix.size());
        }
        lines += line + "\n";
    }
    return lines;
}

}  // namespace ipfence
