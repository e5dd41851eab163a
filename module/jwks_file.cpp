#include "module/jwks_file.hpp"

#include <utility>

#include "engine/file_version.hpp"
#include "module/file_text.hpp"
#include "module/signaller.hpp"

namespace ipfence::module {

namespace {

// Whether it takes longer to read than a request may wait. One that is too large is refused at
// once.
bool takes_long(off_t size) noexcept {
    constexpr off_t kLarge = 16 * 1024;  // some forty keys of RSA, and a few milliseconds
    constexpr off_t kTooLarge{Jwks::kMaxTextSize};
    return kLarge < size && size <= kTooLarge;
}

}  // namespace

Result<JwksFile::Keys> JwksFile::read(const std::string &path) {
    const auto text = read_file(path);
    if (!text) {
        return text.error();
    }
    auto jwks = Jwks::parse(*text);
    return jwks ? Result<Keys>(std::make_unique<const Jwks>(std::move(jwks).value()))
                : Result<Keys>(jwks.error());
}

Result<JwksFile::Version> JwksFile::look(const std::string &path) {
    ngx_file_info_t info;
    if (ngx_file_info(path.c_str(), &info) == NGX_FILE_ERROR) {
        return Error{"the file is not there, or not for this user"};
    }
    return Version{version_of({path}), info.st_ctime, info.st_size};
}

std::unique_ptr<JwksFile> JwksFile::open(ngx_conf_t *cf, const ngx_str_t &path) {
    std::string name(view(path));
    if (is_indifferent_to_files()) {
        return std::unique_ptr<JwksFile>(new JwksFile(std::move(name), {}, nullptr));
    }
    const auto version = look(name);
    auto keys = version ? read(name) : version.error();
    if (!keys) {
        const ngx_str_t text = ngx_view(keys.error().message);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "ipfence_jwks \"%V\": %V", &path, &text);
        return nullptr;
    }
    return std::unique_ptr<JwksFile>(
        new JwksFile(std::move(name), *version, std::move(keys).value()));
}

const Jwks &JwksFile::current(ngx_log_t *log) {
    if (reading_ != nullptr) {
        if (reading_->is_done()) {
            const auto reading = std::move(reading_);
            take_up(reading->take(), log);
        }
    } else if (looked_ != ngx_time()) {
        looked_ = ngx_time();
        look_again(log);
    }
    return *keys_;
}

void JwksFile::look_again(ngx_log_t *log) {
    const auto version = look(path_);
    if (is_settled_ && version && *version == version_) {
        return;
    }
    if (!version) {
        take_up({{}, version.error()}, log);
    } else if (!takes_long(version->size)) {
        take_up({*version, read(path_)}, log);
    } else {
        reading_ = std::make_unique<BackgroundReading<Reading>>([this, version = *version] {
            return Reading{version, read(path_)};
        });
    }
}

void JwksFile::take_up(Reading reading, ngx_log_t *log) {
    auto &[version, keys] = reading;
    is_settled_ = keys && version.changed + 1 < ngx_time();
    if (keys) {
        Keys former = std::exchange(keys_, std::move(keys).value());
        freeing_ = takes_long(version_.size) ? free_in_background(std::move(former)) : nullptr;
    } else if (version != version_) {
        const ngx_str_t text = ngx_view(keys.error().message);
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "ipfence_jwks \"%s\": %V; the keys that were read before stay in force",
                      path_.c_str(), &text);
    }
    version_ = version;
}

}  // namespace ipfence::module
