#include "engine/store/stored_record.hpp"

#include <algorithm>

#include "engine/memory/memory.hpp"

namespace ipfence {

namespace {

class Writer {
  public:
    Writer(Seconds expires, const Instant &now) {
        const std::int64_t left = std::int64_t{expires} - now.monotonic;
        number(static_cast<std::uint64_t>(now.unix_time + left));
    }

    template <class Number>
    void number(Number value) {
        for (unsigned shift = 8 * sizeof(Number); shift > 0; shift -= 8) {
            text_ += static_cast<char>(static_cast<std::uint64_t>(value) >> (shift - 8));
        }
    }
    void bytes(const void *bytes, std::size_t size) {
        text_.append(static_cast<const char *>(bytes), size);
    }
    std::string text() && { return std::move(text_); }

  private:
    std::string text_;
};

// Reads off the front; once the text is too short, everything is zero and the end is never reached.
class Reader {
  public:
    explicit Reader(std::string_view text) noexcept : left_(text) {}

    template <class Number>
    Number number() noexcept {
        std::uint64_t value = 0;
        for (const char byte : take(sizeof(Number))) {
            value = value << 8 | static_cast<unsigned char>(byte);
        }
        return static_cast<Number>(value);
    }
    void bytes(void *to, std::size_t size) noexcept {
        take(size).copy(static_cast<char *>(to), size);
    }
    std::string_view take(std::size_t size) noexcept {
        is_whole_ = is_whole_ && size <= left_.size();
        const std::string_view taken = is_whole_ ? left_.substr(0, size) : std::string_view{};
        left_.remove_prefix(taken.size());
        return taken;
    }
    // When it expires on this machine's clock; now, for what has expired.
    Seconds expires(const Instant &now) noexcept {
        const auto unix_time = number<std::int64_t>();
        if (unix_time <= now.unix_time) {
            return now.monotonic;
        }
        const auto left =
            static_cast<std::uint64_t>(unix_time) - static_cast<std::uint64_t>(now.unix_time);
        return now.monotonic +
               static_cast<Seconds>(std::min<std::uint64_t>(left, Memory::kMaxLifetime));
    }
    bool is_at_end() const noexcept { return is_whole_ && left_.empty(); }

  private:
    std::string_view left_;
    bool is_whole_ = true;
};

bool is_kind(std::uint8_t kind) noexcept {
    return kind >= static_cast<std::uint8_t>(CredentialKind::code) &&
           kind <= static_cast<std::uint8_t>(CredentialKind::id_token);
}

bool read_standing(Reader &reader, RecordHeader &header) noexcept {
    const auto standing = reader.number<std::uint8_t>();
    header.standing = static_cast<Standing>(standing);
    return standing <= static_cast<std::uint8_t>(Standing::learned);
}

std::size_t address_size(const GrantRecord &grant) noexcept {
    if (!grant.has(GrantRecord::kFromKnown)) {
        return 0;
    }
    return grant.has(GrantRecord::kFromIpv4) ? 4 : 16;
}

void read_address(Reader &reader, GrantRecord &grant) noexcept {
    switch (address_size(grant)) {
        case 4:
            grant.address_low = reader.number<std::uint32_t>();
            break;
        case 16:
            grant.address_high = reader.number<std::uint64_t>();
            grant.address_low = reader.number<std::uint64_t>();
            break;
        default:
            break;
    }
}

bool read_names(Reader &reader, GrantRecord &grant) noexcept {
    const std::size_t app_size = reader.number<std::uint8_t>();
    const std::size_t user_size = reader.number<std::uint8_t>();
    const std::size_t profile_size = reader.number<std::uint8_t>();
    const std::string_view app = reader.take(app_size);
    const std::string_view user = reader.take(user_size);
    const std::string_view profile = reader.take(profile_size);
    return reader.is_at_end() && grant.set_names(app, user, profile);
}

}  // namespace

std::string encode(const CredentialRecord &record, const Instant &now) {
    Writer writer(record.header.expires, now);
    writer.number(record.header.kind);
    writer.number(record.header.flags);
    writer.number(static_cast<std::uint8_t>(record.header.standing));
    writer.number(record.header.owner);
    writer.bytes(record.grant.words.data(), sizeof(record.grant.words));
    return std::move(writer).text();
}

std::string encode(const GrantRecord &record, const Instant &now) {
    Writer writer(record.header.expires, now);
    writer.number(record.header.flags);
    writer.number(record.beginning);
    writer.number(static_cast<std::uint8_t>(record.header.standing));
    writer.number(record.header.owner);
    writer.number(record.issued);
    if (record.has(GrantRecord::kDeviceTagged)) {
        writer.bytes(record.device_tag.data(), record.device_tag.size());
    }
    if (address_size(record) == 4) {
        writer.number(static_cast<std::uint32_t>(record.address_low));
    } else if (address_size(record) == 16) {
        writer.number(record.address_high);
        writer.number(record.address_low);
    }
    for (const std::string_view name : {record.app(), record.user(), record.profile()}) {
        writer.number(static_cast<std::uint8_t>(name.size()));
    }
    for (const std::string_view name : {record.app(), record.user(), record.profile()}) {
        writer.bytes(name.data(), name.size());
    }
    return std::move(writer).text();
}

std::string encode(const Changes::Binding &binding, const Instant &now) {
    Writer writer(binding.expires, now);
    writer.number(binding.owner);
    return std::move(writer).text();
}

std::optional<CredentialRecord> decode_credential(std::string_view text, const Digest &key,
                                                  const Instant &now) {
    Reader reader(text);
    const Seconds expires = reader.expires(now);
    CredentialRecord record;
    record.header.key = key;
    record.header.kind = reader.number<std::uint8_t>();
    record.header.flags = reader.number<std::uint8_t>();
    const bool has_standing = read_standing(reader, record.header);
    record.header.owner = reader.number<std::uint32_t>();
    reader.bytes(record.grant.words.data(), sizeof(record.grant.words));
    if (expires == now.monotonic || !reader.is_at_end() || !has_standing ||
        !is_kind(record.header.kind) || !record.grant) {
        return std::nullopt;
    }
    record.header.expires = expires;
    return record;
}

std::optional<GrantRecord> decode_grant(std::string_view text, const Digest &key,
                                        const Instant &now) {
    Reader reader(text);
    const Seconds expires = reader.expires(now);
    GrantRecord record;
    record.header.key = key;
    record.header.flags = reader.number<std::uint8_t>();
    record.beginning = reader.number<std::uint8_t>();
    const bool has_standing = read_standing(reader, record.header);
    record.header.owner = reader.number<std::uint32_t>();
    record.issued = reader.number<std::uint32_t>();
    if (record.has(GrantRecord::kDeviceTagged)) {
        reader.bytes(record.device_tag.data(), record.device_tag.size());
    }
    read_address(reader, record);
    if (expires == now.monotonic || !has_standing || !read_names(reader, record)) {
        return std::nullopt;
    }
    record.header.expires = expires;
    return record;
}

std::optional<Changes::Binding> decode_binding(std::string_view text, const Digest &session,
                                               const Digest &grant, const Instant &now) {
    Reader reader(text);
    const Seconds expires = reader.expires(now);
    const auto owner = reader.number<std::uint32_t>();
    return reader.is_at_end() ? std::optional(Changes::Binding{session, grant, expires, owner})
                              : std::nullopt;
}

}  // namespace ipfence
