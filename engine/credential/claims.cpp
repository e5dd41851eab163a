#include "engine/credential/claims.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <new>
#include <utility>

// Errors are values here, too.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include "engine/credential/text.hpp"

namespace ipfence {

namespace {

namespace dom = simdjson::dom;

bool has_nul(std::string_view text) noexcept {
    return text.find('\0') != std::string_view::npos;
}

bool are_unique(std::vector<std::string_view> names) {
    std::ranges::sort(names);
    return std::ranges::adjacent_find(names) == names.end();
}

// Real objects are small: looking at every pair beats sorting, and allocates nothing.
bool are_few_and_unique(const dom::object &object) noexcept {
    for (auto member = object.begin(); member != object.end(); ++member) {
        for (auto earlier = object.begin(); earlier != member; ++earlier) {
            if (earlier.key() == member.key()) {
                return false;
            }
        }
    }
    return true;
}

bool has_unique_names(const dom::object &object) {
    constexpr std::size_t kFew = 24;
    if (object.size() <= kFew) {
        return are_few_and_unique(object);
    }
    std::vector<std::string_view> names;
    for (const dom::key_value_pair member : object) {
        names.push_back(member.key);
    }
    return are_unique(std::move(names));
}

// Whether a stricter and a laxer reader than simdjson would read the same. Recurses no further
// than `levels`.
bool has_one_reading(const dom::element &value, int levels);

bool has_one_reading(const dom::object &object, int levels) {
    if (levels == 0 || !has_unique_names(object)) {
        return false;
    }
    for (const dom::key_value_pair member : object) {
        if (has_nul(member.key) || !has_one_reading(member.value, levels - 1)) {
            return false;
        }
    }
    return true;
}

bool has_one_reading(const dom::array &array, int levels) {
    if (levels == 0) {
        return false;
    }
    for (const dom::element element : array) {
        if (!has_one_reading(element, levels - 1)) {
            return false;
        }
    }
    return true;
}

bool has_one_reading(const dom::element &value, int levels) {
    switch (value.type()) {
        case dom::element_type::OBJECT:
            return has_one_reading(value.get_object().value_unsafe(), levels);
        case dom::element_type::ARRAY:
            return has_one_reading(value.get_array().value_unsafe(), levels);
        case dom::element_type::STRING:
            return !has_nul(value.get_string().value_unsafe());
        case dom::element_type::UINT64:  // more than an int64_t holds
            return false;
        default:
            return true;
    }
}

// A parser's buffers are worth keeping from one text to the next. The one that nobody uses waits
// here; a thread that finds none makes its own.
class IdleParser {
  public:
    constexpr IdleParser() noexcept = default;
    IdleParser(const IdleParser &) = delete;
    IdleParser &operator=(const IdleParser &) = delete;
    ~IdleParser() { put(nullptr); }

    std::unique_ptr<dom::parser> take() noexcept {
        return std::unique_ptr<dom::parser>(parser_.exchange(nullptr));
    }
    // Lets one go that a text of an uncommon size has made large.
    void put(std::unique_ptr<dom::parser> parser) noexcept {
        constexpr std::size_t kKept = std::size_t{128} * 1024;
        const bool is_kept = parser != nullptr && parser->capacity() <= kKept;
        delete parser_.exchange(is_kept ? parser.release() : nullptr);
    }

  private:
    std::atomic<dom::parser *> parser_ = nullptr;
};

IdleParser idle_parser;

// A parser for the length of a scope.
class Parser {
  public:
    Parser() : parser_(idle_parser.take()) {
        if (parser_ == nullptr) {
            parser_ = std::make_unique<dom::parser>();
        }
    }
    Parser(const Parser &) = delete;
    Parser &operator=(const Parser &) = delete;
    ~Parser() { idle_parser.put(std::move(parser_)); }

    // True when the document now holds some JSON value.
    bool read(std::string_view json, dom::document &document) {
        if (!has_room_for(json.size())) {
            give_up();
        }
        const auto error = parser_->parse_into_document(document, json.data(), json.size()).error();
        if (error == simdjson::MEMALLOC) {
            give_up();
        }
        return error == simdjson::SUCCESS;
    }

  private:
    // Room for the deepest nesting that anybody asks for, and what is around it.
    static constexpr std::size_t kDepth = Claims::kMaxDepth + 2;
    static constexpr std::size_t kLeastCapacity = 16 * 1024;

    bool has_room_for(std::size_t size) noexcept {
        return (parser_->capacity() >= size && parser_->max_depth() == kDepth) ||
               parser_->allocate(std::max(size, kLeastCapacity), kDepth) == simdjson::SUCCESS;
    }

    // One that was not given all that it asked for (simdjson 3.0) takes it for granted next time.
    [[noreturn]] void give_up() {
        parser_.reset();
        throw std::bad_alloc();
    }

    std::unique_ptr<dom::parser> parser_;
};

dom::object object_of(const dom::document &document) noexcept {
    return document.root().get_object().value_unsafe();
}

std::optional<std::string_view> text_of(const dom::element &value) noexcept {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS || text.empty() ||
        has_control_byte(text)) {
        return std::nullopt;
    }
    return text;
}

// Unicode's simple case folding, for names made of ASCII letters: U+017F is an `s`, U+212A a `k`.
bool equals_ignoring_case(std::string_view text, std::string_view lower) noexcept {
    constexpr std::string_view kLongS = "\u017f";
    constexpr std::string_view kKelvin = "\u212a";
    for (const char expected : lower) {
        if (text.empty()) {
            return false;
        }
        std::size_t size = 1;
        if (expected == 's' && text.starts_with(kLongS)) {
            size = kLongS.size();
        } else if (expected == 'k' && text.starts_with(kKelvin)) {
            size = kKelvin.size();
        } else if (text[0] != expected && text[0] != expected - 'a' + 'A') {
            return false;
        }
        text.remove_prefix(size);
    }
    return text.empty();
}

}  // namespace

Claims::Claims(std::unique_ptr<dom::document> document) noexcept : document_(std::move(document)) {}
Claims::Claims(Claims &&) noexcept = default;
Claims &Claims::operator=(Claims &&) noexcept = default;
Claims::~Claims() = default;

std::optional<Claims> Claims::parse(std::string_view json) {
    // An empty answer has no address, which simdjson would copy from.
    if (json.empty()) {
        return std::nullopt;
    }
    auto document = std::make_unique<dom::document>();
    if (!Parser().read(json, *document)) {
        return std::nullopt;
    }
    const dom::element root = document->root();
    if (!root.is_object() || !has_one_reading(root, kMaxDepth)) {
        return std::nullopt;
    }
    return Claims(std::move(document));
}

std::optional<std::string_view> Claims::text(std::string_view name) const noexcept {
    dom::element value;
    return object_of(*document_).at_key(name).get(value) == simdjson::SUCCESS ? text_of(value)
                                                                              : std::nullopt;
}

std::optional<std::int64_t> Claims::integer(std::string_view name) const noexcept {
    std::int64_t value = 0;
    return object_of(*document_).at_key(name).get_int64().get(value) == simdjson::SUCCESS
               ? std::optional(value)
               : std::nullopt;
}

std::vector<std::string_view> Claims::texts(std::string_view name) const {
    std::vector<std::string_view> texts;
    dom::array elements;
    if (object_of(*document_).at_key(name).get_array().get(elements) == simdjson::SUCCESS) {
        for (const dom::element element : elements) {
            if (const auto text = text_of(element)) {
                texts.push_back(*text);
            }
        }
    }
    return texts;
}

bool Claims::is_true(std::string_view name) const noexcept {
    bool value = false;
    return object_of(*document_).at_key(name).get_bool().get(value) == simdjson::SUCCESS && value;
}

bool Claims::has(std::string_view name) const noexcept {
    return object_of(*document_).at_key(name).error() == simdjson::SUCCESS;
}

bool Claims::has_variant_of(std::string_view name) const noexcept {
    for (const dom::key_value_pair member : object_of(*document_)) {
        if (member.key != name && equals_ignoring_case(member.key, name)) {
            return true;
        }
    }
    return false;
}

}  // namespace ipfence
