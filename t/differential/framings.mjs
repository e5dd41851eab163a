// Where the body of a request ends (threats B03, B04, B18): more or other than one Content-Length, or chunks that
// some readers take otherwise.

function chunked(body, { size = (n) => n.toString(16), end = '\r\n', trailer = '' } = {}) {
  const tail = `${end}0${end}${trailer}${end}`;
  return Buffer.concat([Buffer.from(size(body.length) + end), body, Buffer.from(tail)]);
}

const withHeaders = (headersOf) => (body) => ({ headers: headersOf(body.length), body });

const withCoding = (coding) => (body) => ({ headers: [`Transfer-Encoding: ${coding}`], body: chunked(body) });

const withChunks = (options) => (body) => ({
  headers: ['Transfer-Encoding: chunked'],
  body: chunked(body, options),
});

// Each makes of a body its headers and its bytes; what announces more than it sends is cut short.
export const framings = [
  withHeaders((length) => [`Content-Length: ${length}`, 'Transfer-Encoding: chunked']),
  withHeaders((length) => [`Content-Length: ${length}`, `Content-Length: ${length}`]),
  withHeaders((length) => [`Content-Length: ${length}`, 'Content-Length: 0']),
  withHeaders((length) => [`Content-Length: +${length}`]),
  withHeaders((length) => [`Content-Length: 0${length}`]),
  withHeaders((length) => [`Content-Length: 0x${length.toString(16)}`]),
  withHeaders((length) => [`Content-Length: ${length}, ${length}`]),
  withHeaders((length) => [`Content-Length: ${length - 5}`]),
  withHeaders(() => []),
  withHeaders(() => ['Transfer-Encoding: identity']),
  withCoding('gzip, chunked'),
  withCoding('chunked, chunked'),
  withCoding('Chunked'),
  withCoding('\x0bchunked'),
  withChunks({ size: (n) => `0000000${n.toString(16)}` }),
  withChunks({ size: (n) => `${n.toString(16)};a="b&client_id=relaxed"` }),
  withChunks({ size: (n) => `0x${n.toString(16)}` }),
  withChunks({ size: () => 'FFFFFFFFFFFFFFF1' }),
  withChunks({ trailer: 'Authorization: Basic cmVsYXhlZDpz\r\n' }),
  withChunks({ end: '\n' }),
  (body) => ({ headers: [`Content-Length: ${body.length + 5}`], body, isCutShort: true }),
  (body) => ({
    headers: ['Transfer-Encoding: chunked'],
    body: chunked(body).subarray(0, -5),
    isCutShort: true,
  }),
];
