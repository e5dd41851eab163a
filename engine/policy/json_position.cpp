#include "engine/policy/json_position.hpp"

#include <utility>

#include "engine/json.hpp"
#include "engine/policy/inspection.hpp"

namespace ipfence {

namespace {

// A key as it reads once its escapes are undone, by the one who knows how.
std::string decode_key(std::string_view token) {
    const OwnedJson key = load_json(token, JSON_DECODE_ANY);
    return std::string(json_is_string(key.get()) ? view_of(key.get()) : token);
}

class PositionFinder {
  public:
    PositionFinder(std::string_view text, std::span<const std::string> paths) : text_(text) {
        for (const std::string &path : paths) {
            positions_.lines.emplace(path, kNotFound);
        }
    }

    JsonPositions find() {
        for (skip_space(); at_ < text_.size(); skip_space()) {
            take();
        }
        std::erase_if(positions_.lines,
                      [](const auto &found) { return found.second == kNotFound; });
        return std::move(positions_);
    }

  private:
    static constexpr unsigned kNotFound = 0;

    struct Container {
        bool is_object;
        std::size_t path_size;
        std::size_t next_index = 0;
        std::unordered_map<std::string, unsigned> key_lines{};
    };

    void take() {
        switch (text_[at_]) {
            case '{':
            case '[':
                begin_element();
                containers_.push_back({text_[at_++] == '{', path_.size()});
                expects_key_ = containers_.back().is_object;
                return;
            case '}':
            case ']':
                path_.resize(containers_.back().path_size);
                containers_.pop_back();
                ++at_;
                return;
            case ',':
                expects_key_ = containers_.back().is_object;
                ++at_;
                return;
            case ':':
                ++at_;
                return;
            case '"':
                take_string();
                return;
            default:
                begin_element();
                at_ = text_.find_first_of(",]} \t\r\n", at_);
                at_ = at_ == std::string_view::npos ? text_.size() : at_;
        }
    }

    void take_string() {
        const std::size_t begin = at_++;
        while (text_[at_] != '"') {
            at_ += text_[at_] == '\\' ? 2 : 1;
        }
        ++at_;
        if (expects_key_) {
            begin_member(decode_key(text_.substr(begin, at_ - begin)));
        } else {
            begin_element();
        }
    }

    void begin_member(std::string key) {
        expects_key_ = false;
        Container &object = containers_.back();
        path_.resize(object.path_size);
        path_ += path_step(key);
        note_line();
        const auto [first, is_new] = object.key_lines.emplace(std::move(key), line_);
        if (!is_new) {
            positions_.duplicates.push_back({path_text(path_), line_, first->second});
        }
    }

    // A value in an array begins; one in an object began with its key.
    void begin_element() {
        if (containers_.empty() || containers_.back().is_object) {
            return;
        }
        path_.resize(containers_.back().path_size);
        path_ += path_step(containers_.back().next_index++);
        note_line();
    }

    void note_line() {
        if (const auto asked = positions_.lines.find(path_); asked != positions_.lines.end()) {
            asked->second = line_;
        }
    }

    void skip_space() {
        for (; at_ < text_.size() &&
               std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos;
             ++at_) {
            line_ += text_[at_] == '\n' ? 1 : 0;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    unsigned line_ = 1;
    bool expects_key_ = false;
    std::string path_;
    std::vector<Container> containers_;
    JsonPositions positions_;
};

}  // namespace

JsonPositions find_json_positions(std::string_view text, std::span<const std::string> paths) {
    return PositionFinder(text, paths).find();
}

}  // namespace ipfence
