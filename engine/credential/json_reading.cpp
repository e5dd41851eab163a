#include "engine/credential/json_reading.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <new>
#include <utility>

namespace ipfence {

namespace {

namespace dom = simdjson::dom;

// Room for the deepest nesting that anybody asks for, and what is around it.
constexpr std::size_t kDepth = JsonReading::kMaxDepth + 2;
constexpr std::size_t kLeastCapacity = 16 * 1024;
constexpr std::size_t kLargestKept = 128 * 1024;

// Those that nobody uses wait here; a thread that finds none makes its own. An answer and its
// tokens are read at the same time. Lets those go that a text of an uncommon size has made large,
// but for one.
class IdleReadings {
  public:
    constexpr IdleReadings() noexcept = default;
    IdleReadings(const IdleReadings &) = delete;
    IdleReadings &operator=(const IdleReadings &) = delete;
    ~IdleReadings() {
        for (auto &place : places_) {
            delete place.exchange(nullptr);
        }
    }

    std::unique_ptr<JsonReading> take() noexcept {
        for (auto &place : places_) {
            if (place.load(std::memory_order_relaxed) != nullptr) {
                if (JsonReading *reading = place.exchange(nullptr)) {
                    return std::unique_ptr<JsonReading>(reading);
                }
            }
        }
        return nullptr;
    }

    void put(std::unique_ptr<JsonReading> reading, std::size_t capacity) noexcept {
        const std::size_t places = capacity <= kLeastCapacity ? places_.size()
                                   : capacity <= kLargestKept ? 1
                                                              : 0;
        for (auto &place : std::span(places_).first(places)) {
            JsonReading *empty = nullptr;
            if (place.compare_exchange_strong(empty, reading.get())) {
                (void)reading.release();
                return;
            }
        }
    }

  private:
    std::array<std::atomic<JsonReading *>, 4> places_{};
};

IdleReadings idle_readings;

bool has(std::string_view text, char byte) noexcept {
    return text.find(byte) != std::string_view::npos;
}

// The first and the last byte tell most names of one size apart.
bool are_same(std::string_view one, std::string_view other) noexcept {
    return one.size() == other.size() &&
           (one.empty() ||
            (one.front() == other.front() && one.back() == other.back() && one == other));
}

bool is_digit_or_point(char byte) noexcept {
    return (byte >= '0' && byte <= '9') || byte == '.';
}

// Of more digits than 19, simdjson makes a number in some microseconds each (M04), and readers with
// fewer make another one of them: nobody has many. Counted where no quotation mark is before them.
bool has_many_long_numbers(std::string_view text) noexcept {
    constexpr std::size_t kLong = 20;
    constexpr std::size_t kStep = 16;  // of so many bytes, a long number has one at least
    constexpr unsigned kMany = 16;
    if (text.size() < kMany * kLong) {
        return false;
    }
    unsigned count = 0;
    for (std::size_t at = 0; at < text.size(); at += kStep) {
        if (!is_digit_or_point(text[at])) {
            continue;
        }
        std::size_t begin = at;
        while (begin > 0 && is_digit_or_point(text[begin - 1])) {
            --begin;
        }
        std::size_t end = at + 1;
        while (end < text.size() && is_digit_or_point(text[end])) {
            ++end;
        }
        if (end - begin >= kLong && (begin == 0 || text[begin - 1] != '"')) {
            ++count;
        }
        at = end / kStep * kStep;
    }
    return count > kMany;
}

// Whatever the value; a text may yet have an escape.
bool has_no_other_reading(dom::element_type type) noexcept {
    return type != dom::element_type::OBJECT && type != dom::element_type::ARRAY &&
           type != dom::element_type::UINT64;
}

}  // namespace

std::unique_ptr<JsonReading> JsonReading::begin() {
    auto idle = idle_readings.take();
    return idle != nullptr ? std::move(idle) : std::make_unique<JsonReading>();
}

void JsonReading::end(std::unique_ptr<JsonReading> reading) noexcept {
    reading->wipe();
    const std::size_t capacity = reading->capacity_;
    idle_readings.put(std::move(reading), capacity);
}

std::span<char> JsonReading::room_for(std::size_t size) {
    if (size > capacity_) {
        const std::size_t capacity = std::max(size, kLeastCapacity);
        // One that was not given all that it asked for (simdjson 3.0) takes it for granted next
        // time.
        capacity_ = kUnusable;
        // Zeroed: simdjson looks at what follows a text, though it matters for nothing.
        text_ = std::make_unique<char[]>(capacity + simdjson::SIMDJSON_PADDING);
        if (parser_.allocate(capacity, kDepth) != simdjson::SUCCESS ||
            document_.allocate(capacity) != simdjson::SUCCESS) {
            throw std::bad_alloc();
        }
        capacity_ = capacity;
    }
    used_ = size;
    return {text_.get(), size};
}

bool JsonReading::read_object(std::size_t size) {
    const std::string_view text(text_.get(), size);
    has_escape_ = has(text, '\\');
    is_plain_ = !has_escape_ && !has(text, '\x7f');
    members_.clear();
    if (has_many_long_numbers(text)) {
        wipe_text();
        return false;
    }
    read_ = size;
    dom::element root;
    const auto error =
        parser_.parse_into_document(document_, text.data(), text.size(), false).get(root);
    wipe_text();
    if (error == simdjson::MEMALLOC) {
        capacity_ = kUnusable;
        throw std::bad_alloc();
    }
    dom::object object;
    return error == simdjson::SUCCESS && root.get_object().get(object) == simdjson::SUCCESS &&
           take_members(object, kMaxDepth);
}

// Adds the members of the object. False when a stricter or a laxer reader than simdjson would not
// read it the same.
bool JsonReading::take_members(dom::object object, int levels) {
    if (levels == 0) {
        return false;
    }
    const std::size_t first = members_.size();
    bool is_simple = !has_escape_;
    for (auto member = object.begin(); member != object.end(); ++member) {
        const dom::element value = member.value();
        is_simple &= has_no_other_reading(value.type());
        members_.push_back({member.key(), value});
    }
    return are_unique(first) && (is_simple || have_one_reading(first, levels));
}

// The members from `first` on.
bool JsonReading::have_one_reading(std::size_t first, int levels) {
    const std::size_t end = members_.size();
    for (std::size_t index = first; index < end; ++index) {
        // A copy: the members of what is inside come behind.
        const Member member = members_[index];
        if ((has_escape_ && has(member.name, '\0')) || !has_one_reading(member.value, levels - 1)) {
            return false;
        }
    }
    return true;
}

bool JsonReading::has_one_reading(dom::element value, int levels) {
    switch (value.type()) {
        case dom::element_type::OBJECT: {
            const std::size_t before = members_.size();
            const bool is_taken = take_members(value.get_object().value_unsafe(), levels);
            members_.resize(before);
            return is_taken;
        }
        case dom::element_type::ARRAY:
            return levels != 0 &&
                   std::ranges::all_of(value.get_array().value_unsafe(), [&](dom::element element) {
                       return has_one_reading(element, levels - 1);
                   });
        case dom::element_type::STRING:
            return !has_escape_ || !has(value.get_string().value_unsafe(), '\0');
        case dom::element_type::UINT64:  // more than an int64_t holds
            return false;
        default:
            return true;
    }
}

// Of the members from `first` on. Real objects are small: looking at every pair beats sorting.
bool JsonReading::are_unique(std::size_t first) const {
    constexpr std::size_t kFew = 24;
    const auto members = std::span(members_).subspan(first);
    if (members.size() > kFew) {
        std::vector<std::string_view> names(members.size());
        std::ranges::transform(members, names.begin(), &Member::name);
        std::ranges::sort(names);
        return std::ranges::adjacent_find(names) == names.end();
    }
    for (std::size_t index = 1; index < members.size(); ++index) {
        for (const Member &earlier : members.first(index)) {
            if (are_same(earlier.name, members[index].name)) {
                return false;
            }
        }
    }
    return true;
}

const JsonReading::Member *JsonReading::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find_if(
        members_, [name](const Member &member) { return are_same(member.name, name); });
    return found == members_.end() ? nullptr : &*found;
}

void JsonReading::wipe_text() noexcept {
    if (used_ != 0) {
        explicit_bzero(text_.get(), std::exchange(used_, 0));
    }
}

// Also the strings that were read. simdjson may have written as much as this for a text.
void JsonReading::wipe() noexcept {
    wipe_text();
    members_.clear();
    if (document_.string_buf != nullptr) {
        explicit_bzero(document_.string_buf.get(),
                       5 * std::exchange(read_, 0) / 3 + simdjson::SIMDJSON_PADDING);
    }
}

}  // namespace ipfence
