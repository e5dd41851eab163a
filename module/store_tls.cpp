#include "module/store_tls.hpp"

#include <openssl/ssl.h>

#include "module/store_endpoint.hpp"

namespace ipfence::module {

namespace {

constexpr ngx_uint_t kProtocols = NGX_SSL_TLSv1_2 | NGX_SSL_TLSv1_3;
constexpr int kVerifyDepth = 8;

bool trust(ngx_conf_t *cf, ngx_ssl_t &ssl, const std::string &file) {
    if (file.empty()) {
        const bool is_read = SSL_CTX_set_default_verify_paths(ssl.ctx) == 1;
        if (!is_read) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "ipfence_store: the system's trusted certificates cannot be read; "
                               "name others by tls_ca");
        }
        return is_read;
    }
    ngx_str_t path = ngx_view(file);
    return ngx_ssl_trusted_certificate(cf, &ssl, &path, kVerifyDepth) == NGX_OK;
}

bool take_certificate(ngx_conf_t *cf, ngx_ssl_t &ssl, const StoreTls::Files &files) {
    if (files.certificate.empty()) {
        return true;
    }
    ngx_str_t certificate = ngx_view(files.certificate);
    ngx_str_t key = ngx_view(files.certificate_key);
    return ngx_ssl_certificate(cf, &ssl, &certificate, &key, nullptr) == NGX_OK;
}

bool is_address(const std::string &host) {
    return endpoint_of_address(host, 0).has_value();
}

// nginx's own comparison knows host names only.
bool matches(SSL *ssl, ngx_connection_t *connection, const std::string &name) {
    if (!is_address(name)) {
        ngx_str_t text = ngx_view(name);
        return ngx_ssl_check_host(connection, &text) == NGX_OK;
    }
    X509 *certificate = SSL_get1_peer_certificate(ssl);
    const bool same =
        certificate != nullptr && X509_check_ip_asc(certificate, name.c_str(), 0) == 1;
    X509_free(certificate);
    return same;
}

}  // namespace

std::unique_ptr<StoreTls> StoreTls::make(ngx_conf_t *cf, Files files) {
    std::unique_ptr<StoreTls> tls(new StoreTls);
    tls->files_ = std::move(files);
    tls->ssl_.log = cf->log;
    if (ngx_ssl_create(&tls->ssl_, kProtocols, nullptr) != NGX_OK ||
        !trust(cf, tls->ssl_, tls->files_.trusted) ||
        !take_certificate(cf, tls->ssl_, tls->files_)) {
        return nullptr;
    }
    return tls;
}

StoreTls::~StoreTls() {
    if (ssl_.ctx != nullptr) {
        ngx_ssl_cleanup_ctx(&ssl_);
    }
}

bool StoreTls::prepare(ngx_connection_t *connection, const std::string &host) const {
    auto *ssl = const_cast<ngx_ssl_t *>(&ssl_);
    if (ngx_ssl_create_connection(ssl, connection, NGX_SSL_CLIENT) != NGX_OK) {
        return false;
    }
    // What is to be sent grows, and moves, while OpenSSL waits to send it.
    SSL_set_mode(connection->ssl->connection,
                 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    const std::string &name = name_for(host);
    return is_address(name) ||
           SSL_set_tlsext_host_name(connection->ssl->connection, name.c_str()) == 1;
}

const char *StoreTls::objection_to(ngx_connection_t *connection, const std::string &host) const {
    SSL *ssl = connection->ssl->connection;
    const long verified = SSL_get_verify_result(ssl);
    if (verified != X509_V_OK) {
        return X509_verify_cert_error_string(verified);
    }
    return matches(ssl, connection, name_for(host)) ? nullptr
                                                    : "its certificate is for another name";
}

}  // namespace ipfence::module
