#include "engine/policy/load_policy.hpp"

#include <algorithm>
#include <variant>

#include "engine/byte_order_mark.hpp"
#include "engine/file_version.hpp"
#include "engine/json.hpp"
#include "engine/policy/json_position.hpp"
#include "engine/policy/policy_builder.hpp"
#include "engine/policy/policy_document.hpp"
#include "engine/policy/policy_source.hpp"
#include "engine/policy/users_file.hpp"
#include "engine/policy/visible.hpp"
#include "engine/result.hpp"
#include "engine/sha256.hpp"

namespace ipfence {

namespace {

// The digest of all that was read, cut to what a person can compare.
std::string hash_text(const Sha256::Digest &digest) {
    constexpr std::size_t kShownBytes = 6;
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < kShownBytes; ++i) {
        text += kDigits[digest[i] >> 4];
        text += kDigits[digest[i] & 0xf];
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
    PolicyLoader(const std::string &file, const LoadProgress &progress, SourceKind kind)
        : file_(file), progress_(progress), kind_(kind) {}

    PolicyLoad load() {
        note(file_);
        auto source = read_policy_source(file_, kind_);
        if (!source) {
            load_.is_passing = source.error().is_passing;
            error(0, source.error().message);
            return std::move(load_);
        }
        if (auto *image = std::get_if<Image>(&*source)) {
            return take_up(std::move(*image));
        }
        text_ = std::get<std::string>(std::move(*source));
        hash_.add(text_);
        const OwnedJson document = parse();
        if (document != nullptr) {
            read(document.get());
        }
        return finish();
    }

  private:
    // Before the file is opened: one that is replaced meanwhile differs from what was noted.
    void note(std::string file) {
        version_.add(file);
        load_.version = version_.value();
        load_.files.push_back(std::move(file));
    }

    PolicyLoad take_up(Image image) {
        auto policy = Policy::open(std::move(image));
        if (policy) {
            load_.policy = std::move(policy).value();
        } else {
            error(0, "the compiled policy " + policy.error().message);
        }
        return std::move(load_);
    }

    OwnedJson parse() {
        json_error_t problem;
        OwnedJson document = parse_text(JSON_REJECT_DUPLICATES, problem);
        if (document == nullptr && json_error_code(&problem) == json_error_duplicate_key) {
            // Without the flag jansson keeps the last of them, and the rest can be checked as well.
            document = parse_text(0, problem);
            has_duplicates_ = document != nullptr;
        }
        if (document == nullptr && begins_with_byte_order_mark(text_)) {
            error(1, "is not JSON: it " + std::string(kBeginsWithByteOrderMark));
        } else if (document == nullptr) {
            error(static_cast<unsigned>(std::max(problem.line, 1)),
                  "is not JSON: " + std::string(problem.text) + " (column " +
                      std::to_string(std::max(problem.column, 0)) + ")");
        }
        return document;
    }

    // jansson asks for the text piece by piece, which tells how far it is. A NUL byte is a fault of
    // the string that has it, as other control bytes are, and not of the document.
    OwnedJson parse_text(std::size_t flags, json_error_t &problem) {
        require_json_memory(text_);
        std::string_view left = text_;
        const auto next = [&](void *buffer, std::size_t size) {
            const std::size_t taken = left.copy(static_cast<char *>(buffer), size);
            left.remove_prefix(taken);
            report("reading the policy", text_.size() - left.size(), text_.size());
            return taken;
        };
        const json_load_callback_t call = [](void *buffer, std::size_t size, void *reader) {
            return (*static_cast<decltype(next) *>(reader))(buffer, size);
        };
        return OwnedJson(json_load_callback(call,
                                            const_cast<void *>(static_cast<const void *>(&next)),
                                            flags | JSON_ALLOW_NUL, &problem));
    }

    void report(std::string_view what, std::uint64_t done, std::uint64_t total) const {
        if (progress_) {
            progress_(what, done, total);
        }
    }

    void read(const json_t *document) {
        const std::string users_file = read_policy_document(inspection_, document, builder_);
        if (!users_file.empty()) {
            note(beside(file_, users_file));
            load_.is_passing = !read_users_file(
                load_.files.back(), kind_, builder_,
                [this](std::string_view bytes) {
                    hash_.add(bytes);
                    report("reading users", builder_.users(), 0);
                },
                users_errors_);
        }
        check_run_as(inspection_, document, builder_);
        if (has_duplicates_ || !inspection_.remarks().empty()) {
            report_with_lines();
        }
    }

    void report_with_lines() {
        std::vector<std::string> paths;
        for (const Inspection::Remark &remark : inspection_.remarks()) {
            paths.push_back(remark.path);
        }
        JsonPositions positions = find_json_positions(text_, paths);
        for (const JsonPositions::Duplicate &duplicate : positions.duplicates) {
            load_.errors.push_back(
                {file_, duplicate.line, duplicate.path,
                 "is given twice, first on line " + std::to_string(duplicate.first_line)});
        }
        for (const Inspection::Remark &remark : inspection_.remarks()) {
            const unsigned line = remark.path.empty() ? 1 : positions.lines[remark.path];
            auto &list = remark.is_error ? load_.errors : load_.warnings;
            list.push_back({file_, line, path_text(remark.path), remark.message});
        }
        std::ranges::stable_sort(load_.errors, {}, &Diagnostic::line);
        std::ranges::stable_sort(load_.warnings, {}, &Diagnostic::line);
    }

    PolicyLoad finish() {
        load_.errors.insert(load_.errors.end(), users_errors_.begin(), users_errors_.end());
        if (load_.errors.empty()) {
            build();
        }
        return std::move(load_);
    }

    void build() {
        builder_.set_hash(hash_text(hash_.digest()));
        auto policy = builder_.build();
        if (policy) {
            load_.policy = std::move(policy).value();
        } else {
            error(0, policy.error().message);
        }
    }

    void error(unsigned line, std::string message) {
        load_.errors.push_back({file_, line, "", std::move(message)});
    }

    const std::string &file_;
    const LoadProgress &progress_;
    const SourceKind kind_;
    std::string text_;
    Sha256 hash_;
    FilesVersion version_;
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
    return visible(text + " " + message);
}

PolicyLoad load_policy(const std::string &file, const LoadProgress &progress, SourceKind kind) {
    return PolicyLoader(file, progress, kind).load();
}

}  // namespace ipfence
