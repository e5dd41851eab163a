#pragma once

#include "engine/analysis/finding.hpp"

// What the checks look for, in the order of docs/lint.md.

namespace ipfence::rules {

inline constexpr LintRule kNothingGuarded{
    "nothing-guarded", Severity::error,
    "No location that passes requests on has a kind, and no upstream has a guard: nothing is "
    "decided.",
    "Write \"ipfence\" with a kind in the server before the provider, and \"ipfence_guard;\" in "
    "the provider's upstream."};

inline constexpr LintRule kUnguardedLocation{
    "unguarded-location", Severity::error,
    "What arrives here reaches the provider without any decision.",
    "Write \"ipfence\" with a kind here or in the server, and \"ipfence_guard;\" in the upstream. "
    "Where nothing is to be decided, write \"ipfence off;\" in this very location."};

inline constexpr LintRule kOffLocation{
    "off-location", Severity::warning,
    "\"ipfence off\" lets everything that arrives here reach the provider undecided.",
    "Give it a kind, add \"internal;\" where only nginx itself comes here, or accept it: this list "
    "shall be complete."};

inline constexpr LintRule kRefusedLocation{
    "refused-location", Severity::warning,
    "The upstream has a guard and nothing is decided here, so every request is answered 500.",
    "Write \"ipfence\" with a kind, or \"ipfence off;\" in this very location: one that is "
    "inherited does not count."};

inline constexpr LintRule kUnguardedStream{
    "unguarded-stream", Severity::error,
    "A stream server or a tunnel passes bytes to the provider; no http module, and so no decision, "
    "sees them.",
    "Remove it, or let the listener be reachable from nowhere that the policy restricts."};

inline constexpr LintRule kUnknownTarget{
    "unknown-target", Severity::warning,
    "Where this leads is known with the request only; it may be the provider, undecided.",
    "Write the upstream's name, or variables that \"set\" or \"map\" give constant values."};

inline constexpr LintRule kVariableTarget{
    "variable-target", Severity::error,
    "What the request says takes part in where it is forwarded, after it was judged for its own "
    "URI.",
    "Write the upstream's name, and no variable of the request's arguments, headers or cookies."};

inline constexpr LintRule kUnguardedUpstream{
    "unguarded-upstream", Severity::warning,
    "Without a guard only the locations that somebody thought of are decided: an error page, a "
    "rewrite, a mirror or a new location leads around the decision.",
    "Pass to an upstream block, and write \"ipfence_guard;\" in it."};

inline constexpr LintRule kOtherSpellings{
    "other-spellings", Severity::warning,
    "Many providers serve a path in upper case, or with a slash at its end, as well; here such a "
    "request is decided as something else, or not at all.",
    "Write \"location ~* ^/path/?$\", or one map of $uri for the server as in conf/providers."};

inline constexpr LintRule kErrorPageAround{
    "error-page-around", Severity::error,
    "The error page of a denial passes the denied request to the provider.",
    "Answer errors from a file or with \"return\", and write \"ipfence_guard;\" in the upstream: "
    "then a denial is final."};

inline constexpr LintRule kProxiedErrorPage{
    "proxied-error-page", Severity::warning,
    "The error page passes the denied request on, in a named location with its body: with a guard "
    "the client gets a 500 instead of the page, and another server gets the credentials.",
    "Answer errors from a file or with \"return\"."};

inline constexpr LintRule kMirror{
    "mirror", Severity::error,
    "A mirror sends a copy of the request elsewhere: codes, tokens and "
    "passwords, which whoever gets them can spend.",
    "Write \"mirror off;\" in guarded locations."};

inline constexpr LintRule kServerSideIncludes{
    "ssi", Severity::error,
    "An include in the provider's answer, perhaps written by a user of it, makes requests to "
    "internal locations and changes an answer that was already judged.",
    "Write \"ssi off;\" in guarded locations."};

inline constexpr LintRule kPostAction{
    "post-action", Severity::warning,
    "The request is made a second time, to another location, after it was answered.",
    "Remove \"post_action\" from guarded locations; nginx does not document it either."};

inline constexpr LintRule kSatisfyAny{
    "satisfy-any", Severity::warning,
    "One of \"allow\", \"auth_basic\" and \"auth_request\" is enough, the others are skipped. "
    "ipfence still decides, but it is no longer in addition to all of them.",
    "Write \"satisfy all;\" in guarded locations."};

inline constexpr LintRule kChangedBody{
    "changed-body", Severity::error, "The provider gets another body than the one that was judged.",
    "Remove it from guarded locations."};

inline constexpr LintRule kChangedMethod{
    "changed-method", Severity::error,
    "The provider gets another method than the one that was judged.",
    "Remove \"proxy_method\" from guarded locations."};

inline constexpr LintRule kUnjudgedParts{
    "unjudged-parts", Severity::error,
    "What the provider sends before an answer that is not held (early hints), or behind one "
    "(trailers), reaches the client and is not judged.",
    "Remove it from guarded locations."};

inline constexpr LintRule kCachedAnswers{
    "cached-answers", Severity::error,
    "An answer is given to others without asking the provider whether they may have it, and tokens "
    "are kept on a disk.",
    "Turn the cache and the store off in guarded locations; keep what is public in locations of "
    "its own."};

inline constexpr LintRule kRetriedRequests{
    "retried-requests", Severity::warning,
    "A request that the provider may have carried out already is sent again: a code or a refresh "
    "token that is used twice makes providers revoke all of a session, and the tokens of the first "
    "answer are lost.",
    "Remove \"non_idempotent\" where the gate is."};

inline constexpr LintRule kEarlyData{
    "early-data", Severity::error,
    "TLS 1.3 early data can be replayed by anybody who recorded it: a code or a refresh token that "
    "is used twice makes providers revoke all of a session.",
    "Write \"ssl_early_data off;\" for servers before the provider."};

inline constexpr LintRule kUnmergedSlashes{
    "unmerged-slashes", Severity::error,
    "\"//token\" is another path for locations and maps, and the same one for many providers.",
    "Leave \"merge_slashes\" on."};

inline constexpr LintRule kUnderscores{
    "underscores-in-headers", Severity::warning,
    "\"X_Forwarded_For\" reaches the provider, and CGI, WSGI and their kind take it for "
    "\"X-Forwarded-For\".",
    "Leave \"underscores_in_headers\" off."};

inline constexpr LintRule kInvalidHeaders{
    "invalid-headers", Severity::warning,
    "Header names that are not valid reach the provider, which may take \"X.Forwarded.For\" for "
    "\"X-Forwarded-For\".",
    "Leave \"ignore_invalid_headers\" on."};

inline constexpr LintRule kAcceleratedRedirect{
    "accelerated-redirect", Severity::warning,
    "An answer with X-Accel-Redirect makes nginx answer from any location, internal ones such as "
    "the introspection, too.",
    "Write \"proxy_ignore_headers X-Accel-Redirect;\", or that of the same kind of pass."};

inline constexpr LintRule kContentCoding{
    "content-coding", Severity::warning,
    "The provider is asked for an answer that is coded, which cannot be judged: the client gets a "
    "502 in its place.",
    "Remove the header; ipfence asks for an answer without coding where it must read it."};

inline constexpr LintRule kChangedCredential{
    "changed-credential", Severity::error,
    "The provider gets another credential than the client's own, which is the one that is decided "
    "about: a request without one passes, since the provider will ask for it.",
    "Forward the client's own, or say whose the other one is with \"ipfence_user\" or "
    "\"ipfence_app\"."};

inline constexpr LintRule kClientHeaders{
    "client-headers", Severity::warning,
    "What a client writes into these headers reaches the provider, which may take another client "
    "address, path or method from them than those that were judged.",
    "Set them with \"proxy_set_header\", to \"\" where the provider needs none."};

inline constexpr LintRule kWideProxies{
    "wide-proxies", Severity::error,
    "More addresses are trusted than any set of proxies has. Who has one of them can claim to be "
    "anywhere.",
    "Name every proxy by its own address."};

inline constexpr LintRule kRealipInAllowedRange{
    "realip-in-allowed-range", Severity::error,
    "Where the header cannot be read, realip keeps the proxy's own address, and the policy allows "
    "that one.",
    "Use \"ipfence_trusted_proxies\", which knows no fallback, or take the proxies out of the "
    "policy's ranges."};

inline constexpr LintRule kProxiesInAllowedRange{
    "proxies-in-allowed-range", Severity::warning,
    "A client in a range of trusted proxies, from which the policy expects users, can claim to be "
    "anywhere.",
    "Name every proxy by its own address."};

inline constexpr LintRule kRealipInLocation{
    "realip-in-location", Severity::warning,
    "The address of a client differs from location to location, and what an internal redirect "
    "meets depends on where it came from.",
    "Write \"set_real_ip_from\" in the server, or use \"ipfence_trusted_proxies\"."};

inline constexpr LintRule kTwoAddressSources{
    "two-address-sources", Severity::warning,
    "realip has replaced the proxy's address before ipfence looks whether a trusted proxy is "
    "there: the client's address is what realip made of the header, with its fallback.",
    "Remove \"set_real_ip_from\" or \"ipfence_trusted_proxies\"."};

inline constexpr LintRule kUnreadProxyProtocol{
    "unread-proxy-protocol", Severity::error,
    "Every client has the proxy's address, so the policy's ranges hold for all of them or for "
    "nobody; or, where realip reads another header, the address that it sends in that.",
    "Write \"set_real_ip_from\" with the proxy's address and \"real_ip_header proxy_protocol\" in "
    "the server."};

inline constexpr LintRule kQuicListener{
    "quic-listener", Severity::warning,
    "In HTTP/3 a client's address can change within a connection, and before nginx 1.31.0 and "
    "1.30.1 it could be forged (CVE-2026-40460).",
    "Use nginx 1.31.0, 1.30.1 or a later one; with any before, remove \"quic\" from servers before "
    "the provider."};

inline constexpr LintRule kClientChosen{
    "client-chosen", Severity::warning,
    "A client can send that argument, header or cookie itself, unless a proxy before nginx always "
    "replaces it, and so choose where it is, who it is, or that it was verified.",
    "Use $upstream_http_... for what the provider says, and \"ipfence_trusted_proxies\" for "
    "addresses."};

inline constexpr LintRule kDefaultServer{
    "default-server", Severity::warning,
    "It answers for every name that no other server has, so the provider gets any Host header, "
    "from which many build the links in their e-mails.",
    "Add a \"default_server\" that answers \"return 444;\", with \"ssl_reject_handshake on;\" for "
    "TLS."};

inline constexpr LintRule kBodySize{
    "body-size", Severity::warning,
    "\"client_max_body_size\" does not fit \"ipfence_body_limit\": smaller, it refuses with "
    "nginx's own page what the gate would read; 0 lets bodies of any size through.",
    "Set it to what the largest legitimate request needs, at least \"ipfence_body_limit\"."};

inline constexpr LintRule kShutdownTimeout{
    "shutdown-timeout", Severity::warning,
    "After a reload the workers before it live until their last connection ends, and decide with "
    "the policy before it as long.",
    "Write \"worker_shutdown_timeout 1m;\" before the http block, or what suits you."};

inline constexpr LintRule kPublicStatus{
    "public-status", Severity::warning, "Everybody can read the status page.",
    "Let the server listen on 127.0.0.1 or a unix socket, or write \"allow\" and \"deny all;\"."};

inline constexpr LintRule kMissingKind{
    "missing-kind", Severity::warning,
    "No location and no map has this kind: what it would see is neither decided nor learned. "
    "Without \"revocation\" the gate remembers tokens that the provider has forgotten.",
    "Give the endpoint its kind; conf/providers has maps to start from."};

inline constexpr LintRule kAnsweredBefore{
    "answered-before", Severity::error,
    "nginx answers with \"return\" before the gate is asked: nothing is decided here, and an "
    "\"auth_request\" that leads here lets everybody pass.",
    "Write the kind in the location that is to be guarded, which needs no \"auth_request\"."};

inline constexpr LintRule kMissingZone{
    "missing-zone", Severity::warning, "No token and no session is remembered: each is unknown.",
    "Write \"ipfence_zone zone=ipfence:64m;\" in the http block."};

inline constexpr LintRule kMonitorMode{
    "monitor-mode", Severity::warning, "Everything is decided, and nothing is denied.",
    "Write \"ipfence_mode enforce;\" when the audit log has what you expect of it."};

inline constexpr LintRule kWritableFile{
    "writable-file", Severity::error,
    "Others than its owner can change what is decided, with the next reload.",
    "chmod go-w, the directory too."};

inline constexpr LintRule kReadableKey{
    "readable-key", Severity::error,
    "Who can read the keys can mark devices as activated, or tell "
    "which tokens the gate remembers.",
    "chmod 600"};

}  // namespace ipfence::rules
