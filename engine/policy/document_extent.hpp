#pragma once

#include <cstddef>
#include <string_view>

namespace ipfence {

/// Where a text can be no JSON document any more: of a foreign file, however large, or one that
/// grows for ever, no more than that is read. All else is for who reads the document.
class DocumentExtent {
  public:
    /// Takes the next piece of the text; false when something in it cannot be in a document.
    bool take(std::string_view piece) noexcept {
        for (const char byte : piece) {
            if (byte == '\0' || !(is_in_string_ ? take_in_string(byte) : take_outside(byte))) {
                return false;
            }
        }
        return true;
    }

  private:
    bool take_in_string(char byte) noexcept {
        if (is_escaped_) {
            is_escaped_ = false;
        } else if (byte == '\\') {
            is_escaped_ = true;
        } else if (byte == '"') {
            is_in_string_ = false;
        }
        return true;
    }

    bool take_outside(char byte) noexcept {
        if (byte == '{' || byte == '[') {
            ++depth_;
            return !has_ended_;
        }
        if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
            return true;
        }
        if (depth_ == 0) {
            return false;  // before the document, or behind it
        }
        if (byte == '}' || byte == ']') {
            has_ended_ = --depth_ == 0;
        }
        is_in_string_ = byte == '"';
        return true;
    }

    std::size_t depth_ = 0;
    bool has_ended_ = false;
    bool is_in_string_ = false;
    bool is_escaped_ = false;
};

}  // namespace ipfence
