#pragma once

#include <memory>
#include <string>

#include "module/nginx.hpp"

namespace ipfence::module {

/// How the connections of `rediss://` are encrypted: nginx's own TLS, with a server that must show
/// a certificate of a trusted authority for the name that it is reached by.
class StoreTls {
  public:
    struct Files {
        std::string trusted;          ///< certificates of authorities; empty: the system's
        std::string certificate;      ///< of this client; empty: none
        std::string certificate_key;  ///< likewise
        std::string name;  ///< that servers prove to have; empty: the host of the address
    };

    /// Null after an error, which is logged with the directive.
    static std::unique_ptr<StoreTls> make(ngx_conf_t *cf, Files files);

    StoreTls(const StoreTls &) = delete;
    StoreTls &operator=(const StoreTls &) = delete;
    ~StoreTls();

    /// Prepares a connection to `host` for the handshake. False when it cannot be.
    bool prepare(ngx_connection_t *connection, const std::string &host) const;

    /// What is wrong with the certificate that the server has shown; null when nothing is.
    const char *objection_to(ngx_connection_t *connection, const std::string &host) const;

  private:
    StoreTls() = default;
    const std::string &name_for(const std::string &host) const noexcept {
        return files_.name.empty() ? host : files_.name;
    }

    Files files_;
    ngx_ssl_t ssl_{};
};

}  // namespace ipfence::module
