// The policy of the benchmark as a script for njs.
import form from 'querystring';

const address = (text) => Buffer.from(text, 'hex');
const standard = {
    4: [['7f000000', '7f0000ff'], ['cb007100', 'cb0071ff']],
    16: [['20010db8' + '00'.repeat(12), '20010db8' + 'ff'.repeat(12)]],
};
Object.keys(standard).forEach((size) => {
    standard[size] = standard[size].map((range) => range.map(address));
});
const rangesOf = { standard: standard, everywhere: 'unrestricted' };
const profileOf = { 'alice@example.com': 'standard', 'bob@example.com': 'everywhere' };
const relaxationOf = { web: 'enforce', mobile: 'relax' };

function isInside(client, profile) {
    const ranges = rangesOf[profile];
    if (ranges === 'unrestricted') {
        return true;
    }
    const family = ranges[client.length];
    let low = 0;
    let high = family.length - 1;
    while (low <= high) {
        const middle = (low + high) >> 1;
        if (client.compare(family[middle][0]) < 0) {
            high = middle - 1;
        } else if (client.compare(family[middle][1]) > 0) {
            low = middle + 1;
        } else {
            return true;
        }
    }
    return false;
}

function request(r) {
    const parameters = form.parse(r.requestText);
    const profile = profileOf[parameters.username] || 'standard';
    r.variables.app = parameters.client_id;
    r.variables.user = parameters.username;
    if (relaxationOf[parameters.client_id] === 'relax' || isInside(r.rawVariables.binary_remote_addr, profile)) {
        r.variables.decision = 'allow';
        r.internalRedirect('@provider');
        return;
    }
    r.variables.decision = 'deny';
    r.headersOut['Content-Type'] = 'application/json';
    r.return(400, '{"error":"invalid_grant","error_description":"ip restricted"}');
}

export default { request };
