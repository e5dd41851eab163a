#include "module/jwks_file.hpp"

#include <utility>

#include "engine/file_version.hpp"
#include "module/file_text.hpp"

namespace ipfence::module {

namespace {

Result<Jwks> read(const std::string &path) {
    const auto text = read_file(path);
    return text ? Jwks::parse(*text) : text.error();
}

}  // namespace

Result<JwksFile::Version> JwksFile::look(const std::string &path) {
    ngx_file_info_t info;
    if (ngx_file_info(path.c_str(), &info) == NGX_FILE_ERROR) {
        return Error{"the file is not there, or not for this user"};
    }
    return Version{version_of({path}), info.st_ctime};
}

std::unique_ptr<JwksFile> JwksFile::open(ngx_conf_t *cf, const ngx_str_t &path) {
    std::string name(view(path));
    const auto version = look(name);
    auto jwks = version ? read(name) : version.error();
    if (!jwks) {
        const ngx_str_t text = ngx_view(jwks.error().message);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "ipfence_jwks \"%V\": %V", &path, &text);
        return nullptr;
    }
    return std::unique_ptr<JwksFile>(
        new JwksFile(std::move(name), *version, std::move(jwks).value()));
}

const Jwks &JwksFile::current(ngx_log_t *log) {
    if (looked_ == ngx_time()) {
        return jwks_;
    }
    looked_ = ngx_time();
    const auto version = look(path_);
    if (is_settled_ && version && *version == version_) {
        return jwks_;
    }
    auto jwks = version ? read(path_) : version.error();
    const Version seen = version ? *version : Version{};
    is_settled_ = jwks && seen.changed + 1 < ngx_time();
    if (jwks) {
        jwks_ = std::move(jwks).value();
    } else if (seen != version_) {
        const ngx_str_t text = ngx_view(jwks.error().message);
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "ipfence_jwks \"%s\": %V; the keys that were read before stay in force",
                      path_.c_str(), &text);
    }
    version_ = seen;
    return jwks_;
}

}  // namespace ipfence::module
