#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/signature/jwks.hpp"
#include "module/nginx.hpp"

namespace ipfence::module {

/// The keys of `ipfence_jwks`, taken up again when the file changes. Each process has its own; it
/// looks at the file at most once a second, when a token is to be verified.
class JwksFile {
  public:
    /// Reads a file at start. Null after an error, which is logged with the directive.
    static std::unique_ptr<JwksFile> open(ngx_conf_t *cf, const ngx_str_t &path);

    const std::string &path() const noexcept { return path_; }

    /// The keys in force: of the newest version of the file that could be read. A faulty version is
    /// logged once and changes nothing.
    const Jwks &current(ngx_log_t *log);

  private:
    struct Version {
        std::uint64_t file = 0;
        time_t changed = 0;
        friend bool operator==(const Version &, const Version &) = default;
    };

    JwksFile(std::string path, Version version, Jwks jwks) noexcept
        : path_(std::move(path)), version_(version), jwks_(std::move(jwks)) {}

    static Result<Version> look(const std::string &path);

    std::string path_;
    Version version_;
    Jwks jwks_;
    time_t looked_ = 0;
    // Until the second of the file's last change is over, another change may look the same; and
    // what could not be read may be readable without any change.
    bool is_settled_ = false;
};

}  // namespace ipfence::module
