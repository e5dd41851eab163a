#include "engine/policy/users_file.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "engine/byte_order_mark.hpp"
#include "engine/json.hpp"
#include "engine/policy/json_value.hpp"
#include "engine/source_stream.hpp"

namespace ipfence {

namespace {

constexpr std::size_t kMaxLineLength = 64 * 1024;
constexpr std::size_t kMaxReported = 1000;

class UsersFile {
  public:
    UsersFile(const std::string &name, PolicyBuilder &builder, std::vector<Diagnostic> &errors)
        : name_(name), builder_(builder), errors_(errors) {}

    void take_line(std::string_view line) {
        ++line_;
        if (ended_) {
            error("stands after the line {\"users\": N}, which must be the last");
            return;
        }
        const bool has_line_end = line.ends_with('\n');
        line.remove_suffix(has_line_end ? 1 : 0);
        const OwnedJson value = load_json(line, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL);
        if (!has_line_end && value == nullptr) {
            is_cut_ = true;
            error("is no whole line: the file is cut short");
        } else if (line_ == 1 && begins_with_byte_order_mark(line)) {
            error(std::string(kBeginsWithByteOrderMark));
        } else if (!json_is_object(value.get())) {
            error("is not a JSON object with unique members: {\"user\": …, \"profile\": …}");
        } else if (const json_t *count = json_object_get(value.get(), "users")) {
            take_end(value.get(), count);
        } else {
            take_user(value.get());
        }
    }

    void reject_long_line() {
        ++line_;
        error("is longer than 65536 bytes");
    }

    // What was read is not the whole of it, for a reason that it does not show.
    void reject_rest(const std::string &why) {
        is_cut_ = true;
        error(why);
    }

    void finish() {
        if (!ended_ && !is_cut_) {
            line_ = std::max(line_, 1U);  // an empty file is cut short in its first line
            error("the line {\"users\": N} is missing at the end: the file is cut short");
        }
        if (unreported_ != 0) {
            errors_.push_back(
                {name_, 0, "", "and " + std::to_string(unreported_) + " more errors"});
        }
    }

    void error(std::string message, std::string path = {}) {
        if (reported_ < kMaxReported) {
            ++reported_;
            errors_.push_back({name_, line_, std::move(path), std::move(message)});
        } else {
            ++unreported_;
        }
    }

  private:
    void take_end(const json_t *object, const json_t *count) {
        ended_ = true;
        if (json_object_size(object) != 1 || !json_is_integer(count)) {
            error("must be {\"users\": N}, and nothing else");
        } else if (json_integer_value(count) != static_cast<json_int_t>(users_)) {
            error("says " + std::to_string(json_integer_value(count)) + " users, but there are " +
                      std::to_string(users_) + ": the file is not whole",
                  "users");
        }
    }

    void take_user(const json_t *object) {
        ++users_;
        Inspection inspection;
        constexpr std::array<std::string_view, 2> kKeys{"user", "profile"};
        is_object(inspection, object, kKeys);
        const auto user = member(inspection, object, "user");
        const auto profile_name = member(inspection, object, "profile");
        for (const Inspection::Remark &remark : inspection.remarks()) {
            error(remark.message, path_text(remark.path));
        }
        if (!user || !profile_name) {
            return;
        }
        const auto profile = builder_.find_profile(*profile_name);
        if (!profile) {
            error("there is no profile \"" + *profile_name + "\" in profiles", "profile");
        }
        if (!builder_.add_user(*user, profile.value_or(ProfileNumber{}))) {
            error("\"" + *user + "\" is listed twice", "user");
        }
    }

    static std::optional<std::string> member(Inspection &inspection, const json_t *object,
                                             const char *key) {
        const json_t *value = json_object_get(object, key);
        if (value == nullptr) {
            inspection.error(std::string("must have ") + key);
            return std::nullopt;
        }
        const auto place = inspection.enter(key);
        return text_of(inspection, value);
    }

    const std::string &name_;
    PolicyBuilder &builder_;
    std::vector<Diagnostic> &errors_;
    unsigned line_ = 0;
    std::size_t users_ = 0;
    std::size_t reported_ = 0;
    std::size_t unreported_ = 0;
    bool ended_ = false;
    bool is_cut_ = false;  // within its last line, or by who reads it
};

// Hands over the file's lines, each with its line end, which the last one may lack, and keeps no
// more than one of them.
class LineReader {
  public:
    explicit LineReader(std::FILE *stream) : stream_(stream), buffer_(kMaxLineLength + 1) {}

    enum class Line { whole, too_long, end };

    Line next(std::string_view &line) {
        std::size_t size = 0;
        int byte = 0;
        while (size < buffer_.size() && byte != '\n' && (byte = ::getc_unlocked(stream_)) != EOF) {
            buffer_[size++] = static_cast<char>(byte);
        }
        line = {buffer_.data(), size};
        if (line.empty()) {
            return Line::end;
        }
        if (size <= kMaxLineLength || byte == '\n') {
            return Line::whole;
        }
        skip_rest();
        return Line::too_long;
    }

  private:
    void skip_rest() {
        for (int byte = 0; byte != EOF && byte != '\n';) {
            byte = ::getc_unlocked(stream_);
        }
    }

    std::FILE *stream_;
    std::vector<char> buffer_;
};

}  // namespace

bool read_users_file(const std::string &file, SourceKind kind, PolicyBuilder &builder,
                     const std::function<void(std::string_view)> &seen,
                     std::vector<Diagnostic> &errors) {
    const auto stream = open_source(file, kind);
    if (!stream) {
        errors.push_back({file, 0, "", stream.error().message});
        return !stream.error().is_passing;
    }
    UsersFile users(file, builder, errors);
    LineReader reader(stream.value().get());
    std::string_view line;
    for (auto read = reader.next(line); read != LineReader::Line::end; read = reader.next(line)) {
        seen(line);
        if (read == LineReader::Line::whole) {
            users.take_line(line);
        } else {
            users.reject_long_line();
        }
    }
    const bool is_read = std::ferror(stream.value().get()) == 0;
    const SourceFailure failure = is_read ? SourceFailure{} : reading_failure();
    if (!is_read) {
        users.reject_rest(failure.message);
    }
    users.finish();
    return !failure.is_passing;
}

}  // namespace ipfence
