#include "module/shared_zone.hpp"

#include <openssl/rand.h>
#include <unistd.h>

#include "module/directive.hpp"
#include "module/shared_store.hpp"
#include "module/signaller.hpp"

namespace ipfence::module {

namespace {

Instant instant_now() noexcept {
    return {ngx_time(), memory_now()};
}

void say(ngx_conf_t *cf, ngx_uint_t level, const std::string &text) {
    const ngx_str_t line = ngx_view(text);
    ngx_conf_log_error(level, cf, 0, "ipfence_zone: %V", &line);
}

constexpr const char *kOtherKey =
    "it was made with another key than that of ipfence_store; the zone begins empty, and what is "
    "not in the store is unknown";

// Also by `nginx -t`: while another nginx runs, whose zone takes the memory that there is.
bool is_only_tried() noexcept {
    return ngx_test_config != 0 || is_signaller();
}

// What a new zone begins with.
struct Beginnings {
    const Zone::Key *wanted = nullptr;  // null: any
    Zone::Key key{};
    std::shared_ptr<ZoneMapping> predecessor;  // the zone before it was resized
    std::optional<Snapshot> snapshot;
};

std::optional<Zone> attach_predecessor(const Beginnings &beginnings) {
    if (beginnings.predecessor == nullptr) {
        return std::nullopt;
    }
    const auto zone = Zone::attach(beginnings.predecessor->memory());
    const bool is_usable =
        zone && (beginnings.wanted == nullptr || zone->key() == *beginnings.wanted);
    return is_usable ? std::optional(*zone) : std::nullopt;
}

// It is written when nginx ends, when it is too late for whoever would want to know.
void warn_unless_writable(ngx_conf_t *cf, const std::string &snapshot) {
    const std::string directory = snapshot.substr(0, snapshot.rfind('/') + 1);
    if (directory.empty() || is_signaller() || ::access(directory.c_str(), W_OK | X_OK) == 0) {
        return;
    }
    ngx_conf_log_error(NGX_LOG_WARN, cf, ngx_errno,
                       "ipfence_zone: no snapshot can be written into \"%s\", so all sessions will "
                       "be unknown after a restart",
                       directory.c_str());
}

std::optional<Snapshot> read_snapshot(ngx_conf_t *cf, const std::string &path) {
    ngx_file_info_t info;
    if (path.empty() || is_signaller() || ngx_file_info(path.c_str(), &info) == NGX_FILE_ERROR) {
        return std::nullopt;
    }
    auto snapshot = Snapshot::read(path);
    if (!snapshot) {
        say(cf, NGX_LOG_ERR,
            snapshot.error().message +
                "; the zone begins empty: sessions that began before are unknown, which denies "
                "what only a relaxation would allow");
        return std::nullopt;
    }
    return std::move(snapshot).value();
}

Result<Zone> fill(ngx_conf_t *cf, std::span<std::byte> memory, const Beginnings &beginnings) {
    auto zone = Zone::create(memory, beginnings.key);
    if (!zone) {
        return zone;
    }
    if (const auto before = attach_predecessor(beginnings)) {
        zone->take_over(*before, memory_now());
    } else if (beginnings.snapshot && !is_only_tried()) {
        const SnapshotCount count = beginnings.snapshot->restore(*zone, instant_now());
        say(cf, NGX_LOG_NOTICE,
            std::to_string(count.credentials) + " credentials and " + std::to_string(count.grants) +
                " grants were taken up from the snapshot");
    }
    return zone;
}

// The zone that is there already, unless it is of no use here, which is logged.
std::optional<Zone> take_up(ngx_conf_t *cf, const ZoneMapping &mapping, const Zone::Key *wanted) {
    const auto zone = Zone::attach(mapping.memory());
    if (!zone) {
        say(cf, NGX_LOG_WARN, zone.error().message + "; a new one begins empty");
        return std::nullopt;
    }
    if (wanted != nullptr && zone->key() != *wanted) {
        say(cf, NGX_LOG_WARN, kOtherKey);
        return std::nullopt;
    }
    return *zone;
}

// One of each provider, in their order.
Result<std::vector<Memory>> memories_of(const Zone &zone, std::span<const ngx_str_t> providers) {
    std::vector<Memory> memories;
    for (const ngx_str_t &provider : providers) {
        auto memory = Memory::on(zone, view(provider));
        if (!memory) {
            return memory.error();
        }
        memories.push_back(std::move(memory).value());
    }
    return memories;
}

std::optional<Snapshot> read_usable_snapshot(ngx_conf_t *cf, const std::string &path,
                                             const Zone::Key *wanted) {
    auto snapshot = read_snapshot(cf, path);
    if (snapshot && wanted != nullptr && snapshot->key() != *wanted) {
        say(cf, NGX_LOG_WARN, path + ": " + kOtherKey);
        return std::nullopt;
    }
    return snapshot;
}

std::optional<Beginnings> beginnings_of(ngx_conf_t *cf, const std::string &name, std::size_t size,
                                        const std::string &snapshot, const Zone::Key *wanted) {
    Beginnings beginnings;
    beginnings.wanted = wanted;
    beginnings.predecessor = ZoneMapping::find_of_other_size(name, size, ngx_inherited);
    if (const auto before = attach_predecessor(beginnings)) {
        beginnings.key = before->key();
        return beginnings;
    }
    beginnings.snapshot = read_usable_snapshot(cf, snapshot, wanted);
    if (wanted != nullptr) {
        beginnings.key = *wanted;
    } else if (beginnings.snapshot) {
        beginnings.key = beginnings.snapshot->key();
    } else if (RAND_bytes(beginnings.key.data(), static_cast<int>(beginnings.key.size())) != 1) {
        say(cf, NGX_LOG_EMERG, "OpenSSL has no random bytes for the zone's key");
        return std::nullopt;
    }
    return beginnings;
}

}  // namespace

std::unique_ptr<SharedZone> SharedZone::open(ngx_conf_t *cf, const std::string &name,
                                             std::size_t size, const std::string &snapshot,
                                             const Zone::Key *key,
                                             std::span<const ngx_str_t> providers) {
    const auto failed = [cf](const Error &error) {
        say(cf, NGX_LOG_EMERG, error.message);
        return nullptr;
    };
    std::shared_ptr<ZoneMapping> mapping = ZoneMapping::find(name, size, ngx_inherited);
    std::optional<Zone> zone = mapping == nullptr ? std::nullopt : take_up(cf, *mapping, key);
    if (!zone) {
        const auto beginnings = beginnings_of(cf, name, size, snapshot, key);
        auto created = ZoneMapping::create(name, size, !is_only_tried());
        if (!beginnings || !created) {
            return created ? nullptr : failed(created.error());
        }
        mapping = *created;
        const auto filled = fill(cf, mapping->memory(), *beginnings);
        if (!filled) {
            return failed(filled.error());
        }
        zone = *filled;
    }

    auto memories = memories_of(*zone, providers);
    if (!memories) {
        return failed(memories.error());
    }
    return std::unique_ptr<SharedZone>(
        new SharedZone(name, snapshot, std::move(mapping), std::move(memories).value()));
}

ngx_int_t open_zone(ngx_conf_t *cf) {
    auto *main = main_configuration(cf);
    const ngx_http_ipfence_zone_words_t &words = main->zone_words;
    if (words.name.len == 0) {
        if (main->store != nullptr) {
            say(cf, NGX_LOG_EMERG, "is needed for ipfence_store, whose records it keeps at hand");
        }
        return main->store == nullptr ? NGX_OK : NGX_ERROR;
    }
    warn_unless_writable(cf, std::string(view(words.snapshot)));
    const Zone::Key *key =
        main->store == nullptr ? nullptr : &main->store->settings().key.digest_key();
    auto zone = SharedZone::open(cf, std::string(view(words.name)), words.size,
                                 std::string(view(words.snapshot)), key,
                                 elements<ngx_str_t>(main->providers));
    main->zone = zone == nullptr ? nullptr : owned_by_pool(cf->pool, std::move(zone));
    if (main->zone != nullptr && main->store != nullptr) {
        main->store->serve(main->zone->memory());
    }
    return main->zone == nullptr ? NGX_ERROR : NGX_OK;
}

void SharedZone::write_snapshot(ngx_log_t *log) const noexcept {
    if (snapshot_.empty()) {
        return;
    }
    try {
        const auto zone = Zone::attach(mapping_->memory());
        const auto written =
            zone ? ipfence::write_snapshot(*zone, snapshot_, instant_now()) : zone.error();
        if (!written) {
            const ngx_str_t text = ngx_view(written.error().message);
            ngx_log_error(
                NGX_LOG_ERR, log, 0,
                "ipfence_zone: no snapshot was written: %V; the next start takes up the one "
                "before, if there is one: what was learned since is unknown then, and "
                "what was revoked since is known",
                &text);
        }
    } catch (...) {
        ngx_log_error(NGX_LOG_ERR, log, 0, "ipfence_zone: no memory to write the snapshot");
    }
}

}  // namespace ipfence::module
