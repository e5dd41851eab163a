#include "engine/analysis/statement.hpp"

#include <utility>

namespace ipfence {

namespace {

bool is_space(char byte) noexcept {
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

Error unexpected(std::string_view what) {
    return Error{"unexpected \"" + std::string(what) + '"'};
}

Error unexpected_end() {
    return Error{"unexpected end of file, a \";\", \"}\" or quote is missing"};
}

// nginx knows these escapes only; before any other byte the backslash stays.
void append_escaped(std::string &word, char byte) {
    switch (byte) {
        case '"':
        case '\'':
        case '\\':
            word += byte;
            break;
        case 't':
            word += '\t';
            break;
        case 'r':
            word += '\r';
            break;
        case 'n':
            word += '\n';
            break;
        default:
            word += '\\';
            word += byte;
    }
}

}  // namespace

char StatementReader::take() noexcept {
    const char byte = text_[position_++];
    line_ += byte == '\n' ? 1U : 0U;
    return byte;
}

// Past spaces and comments; false at the end of the text.
bool StatementReader::skip_to_word() noexcept {
    while (position_ < text_.size()) {
        if (text_[position_] == '#') {
            const std::size_t end = text_.find('\n', position_);
            position_ = end == std::string_view::npos ? text_.size() : end;
        } else if (is_space(text_[position_])) {
            take();
        } else {
            return true;
        }
    }
    return false;
}

Result<std::string> StatementReader::read_quoted(char quote) {
    std::string word;
    take();
    while (position_ < text_.size()) {
        const char byte = take();
        if (byte == quote) {
            const bool at_end = position_ == text_.size();
            const char next = at_end ? ';' : text_[position_];
            // The ")" that closes the condition of an "if" may follow at once.
            if (!is_space(next) && next != ';' && next != '{' && next != ')') {
                return unexpected(text_.substr(position_, 1));
            }
            return word;
        }
        if (byte == '\\' && position_ < text_.size()) {
            append_escaped(word, take());
        } else {
            word += byte;
        }
    }
    return unexpected_end();
}

// Quotes, "#" and "}" are ordinary bytes within it, and so is a "{" right after a "$".
Result<std::string> StatementReader::read_plain() {
    std::string word;
    bool after_dollar = false;
    while (position_ < text_.size()) {
        const char byte = text_[position_];
        if (is_space(byte) || byte == ';' || (byte == '{' && !after_dollar)) {
            return word;
        }
        after_dollar = byte == '$' || byte == '{';
        take();
        if (byte == '\\' && position_ < text_.size()) {
            append_escaped(word, take());
        } else {
            word += byte;
        }
    }
    return unexpected_end();
}

Result<std::string> StatementReader::read_word() {
    const char first = text_[position_];
    auto word = first == '"' || first == '\'' ? read_quoted(first) : read_plain();
    if (word && word->size() > kMaxWordLength) {
        return Error{"a word of more than " + std::to_string(kMaxWordLength) + " bytes"};
    }
    return word;
}

Result<Statement> StatementReader::next() {
    Statement statement;
    while (skip_to_word()) {
        if (statement.words.empty()) {
            statement.line = line_;
        }
        const char first = text_[position_];
        if (first == ';' || first == '{' || first == '}') {
            if (statement.words.empty() != (first == '}')) {
                return unexpected(text_.substr(position_, 1));
            }
            take();
            statement.end = first == ';'   ? Statement::End::semicolon
                            : first == '{' ? Statement::End::block_begins
                                           : Statement::End::block_ends;
            return statement;
        }
        auto word = read_word();
        if (!word) {
            return word.error();
        }
        statement.words.push_back(std::move(word).value());
    }
    if (!statement.words.empty()) {
        return unexpected_end();
    }
    statement.line = line_;
    return statement;
}

}  // namespace ipfence
