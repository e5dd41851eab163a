#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/signature/jwks.hpp"
#include "module/background_work.hpp"
#include "module/nginx.hpp"

namespace ipfence::module {

/// The keys of `ipfence_jwks`, taken up again when the file changes. Each process has its own; it
/// looks at the file at most once a second, when a token is to be verified. A large set is read in
/// a thread of its own, and counts as soon as it is read: a thousand keys take longer than a
/// request may wait.
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
        off_t size = 0;
        friend bool operator==(const Version &, const Version &) = default;
    };

    using Keys = std::unique_ptr<const Jwks>;

    // What is read of a version of the file.
    struct Reading {
        Version version;
        Result<Keys> keys;
    };

    JwksFile(std::string path, Version version, Keys keys) noexcept
        : path_(std::move(path)), version_(version), keys_(std::move(keys)) {}

    static Result<Version> look(const std::string &path);
    static Result<Keys> read(const std::string &path);
    void look_again(ngx_log_t *log);
    void take_up(Reading reading, ngx_log_t *log);

    std::string path_;
    Version version_;
    Keys keys_;
    time_t looked_ = 0;
    // Until the second of the file's last change is over, another change may look the same; and
    // what could not be read may be readable without any change.
    bool is_settled_ = false;
    std::unique_ptr<BackgroundReading<Reading>> reading_;  // of a large set
    std::unique_ptr<BackgroundWork> freeing_;              // of the keys that were read before
};

}  // namespace ipfence::module
