#include "engine/policy/load_policy.hpp"

#include <jansson.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "engine/policy/json_position.hpp"
#include "engine/policy/policy_document.hpp"
#include "engine/policy/users_file.hpp"
#include "engine/result.hpp"

namespace ipfence {

namespace {

using JsonPtr = std::unique_ptr<json_t, decltype(&json_decref)>;

// SHA-256 over all that was read, cut to what a person can compare.
class PolicyHash {
  public:
    PolicyHash() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
        EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
    }

    void add(std::string_view bytes) {
        EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
    }

    std::string text() {
        constexpr std::size_t kShownBytes = 6;
        constexpr std::string_view kDigits = "0123456789abcdef";
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
        std::string text;
        for (std::size_t i = 0; i < kShownBytes; ++i) {
            text += kDigits[digest[i] >> 4];
            text += kDigits[digest[i] & 0xf];
        }
        return text;
    }

  private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

Result<std::string> read_file(const std::string &file) {
    const std::unique_ptr<std::FILE, decltype(&std::fclose)> stream(std::fopen(file.c_str(), "re"),
                                                                    &std::fclose);
    if (stream == nullptr) {
        return Error{std::string("cannot be opened: ") + std::strerror(errno)};
    }
    std::string text;
    std::array<char, 64 * 1024> buffer;
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), stream.get())) {
        text.append(buffer.data(), size);
    }
    if (std::ferror(stream.get()) != 0) {
        return Error{std::string("cannot be read: ") + std::strerror(errno)};
    }
    return text;
}

std::string beside(const std::string &policy_file, const std::string &file) {
    const std::size_t slash = policy_file.rfind('/');
    return file.starts_with('/') || slash == std::string::npos
               ? file
               : policy_file.substr(0, slash + 1) + file;
}

// Loads one policy: parse, inspect, read the users, and only then look up lines for what was found.
class PolicyLoader {
  public:
    explicit PolicyLoader(const std::string &file) : file_(file) {}

    PolicyLoad load() {
        auto text = read_file(file_);
        if (!text) {
            error(0, text.error().message);
            return std::move(load_);
        }
        text_ = std::move(text).value();
        hash_.add(text_);
        const JsonPtr document = parse();
        if (document != nullptr) {
            read(document.get());
        }
        return finish();
    }

  private:
    JsonPtr parse() {
        json_error_t problem;
        JsonPtr document(json_loadb(text_.data(), text_.size(), JSON_REJECT_DUPLICATES, &problem),
                         &json_decref);
        if (document == nullptr && json_error_code(&problem) == json_error_duplicate_key) {
            // Without the flag jansson keeps the last of them, and the rest can be checked as well.
            document.reset(json_loadb(text_.data(), text_.size(), 0, &problem));
            has_duplicates_ = document != nullptr;
        }
        if (document == nullptr) {
            error(static_cast<unsigned>(std::max(problem.line, 1)),
                  "is not JSON: " + std::string(problem.text) + " (column " +
                      std::to_string(std::max(problem.column, 0)) + ")");
        }
        return document;
    }

    void read(const json_t *document) {
        const std::string users_file = read_policy_document(inspection_, document, builder_);
        if (!users_file.empty()) {
            read_users_file(
                beside(file_, users_file), builder_,
                [this](std::string_view bytes) { hash_.add(bytes); }, users_errors_);
        }
        check_run_as(inspection_, document, builder_);
        if (has_duplicates_ || !inspection_.remarks().empty()) {
            report_with_lines();
        }
    }

    void report_with_lines() {
        JsonPositions positions = find_json_positions(text_);
        for (const JsonPositions::Duplicate &duplicate : positions.duplicates) {
            load_.errors.push_back(
                {file_, duplicate.line, duplicate.path,
                 "is given twice, first on line " + std::to_string(duplicate.first_line)});
        }
        for (const Inspection::Remark &remark : inspection_.remarks()) {
            const unsigned line = remark.path.empty() ? 1 : positions.lines[remark.path];
            auto &list = remark.is_error ? load_.errors : load_.warnings;
            list.push_back({file_, line, remark.path, remark.message});
        }
        std::ranges::stable_sort(load_.errors, {}, &Diagnostic::line);
        std::ranges::stable_sort(load_.warnings, {}, &Diagnostic::line);
    }

    PolicyLoad finish() {
        load_.errors.insert(load_.errors.end(), users_errors_.begin(), users_errors_.end());
        if (load_.errors.empty()) {
            builder_.set_hash(hash_.text());
            load_.policy = builder_.build();
        }
        return std::move(load_);
    }

    void error(unsigned line, std::string message) {
        load_.errors.push_back({file_, line, "", std::move(message)});
    }

    const std::string &file_;
    std::string text_;
    PolicyHash hash_;
    Inspection inspection_;
    PolicyBuilder builder_;
    bool has_duplicates_ = false;
    std::vector<Diagnostic> users_errors_;
    PolicyLoad load_;
};

}  // namespace

std::string Diagnostic::text() const {
    std::string text = file + ":";
    if (line != 0) {
        text += std::to_string(line) + ":";
    }
    if (!path.empty()) {
        text += " " + path + ":";
    }
    return text + " " + message;
}

PolicyLoad load_policy(const std::string &file) {
    return PolicyLoader(file).load();
}

}  // namespace ipfence
