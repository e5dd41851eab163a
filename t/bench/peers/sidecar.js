// What auth_request asks: 204 or 403. node sidecar.js PORT
'use strict';
const { createServer } = require('node:http');
const { BlockList, isIPv6 } = require('node:net');

const standard = new BlockList();
standard.addSubnet('127.0.0.0', 24);
standard.addSubnet('203.0.113.0', 24);
standard.addSubnet('2001:db8::', 32, 'ipv6');
const relaxationOf = new Map([['web', 'enforce'], ['mobile', 'relax']]);

const server = createServer((request, response) => {
    const address = request.headers['x-address'];
    const isAllowed = relaxationOf.get(request.headers['x-app']) === 'relax' ||
        standard.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
    response.writeHead(isAllowed ? 204 : 403).end();
});
server.keepAliveTimeout = 0;
server.listen(Number(process.argv[2]), '127.0.0.1');
