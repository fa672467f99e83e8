"""Starts and stops the servers that bench/run compares, each in a folder and a control group of its own."""
import json
import os
import shutil
import signal
import socket
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOLS = ROOT + '/bench/Postrider.Bench/bin/Release/net10.0/postrider-bench'
PROGRAM = ROOT + '/src/Postrider/bin/Release/net10.0/postrider'
PATIENCE = 60
TLS = 100


class Server:
    """One server that runs."""

    def __init__(self, name, port, folder, box, command, single, silent=False):
        self.name, self.port, self.folder, self.box, self.single = name, port, folder, box, single
        self.silent = silent
        # Another one that still runs would be measured in its place.
        with socket.socket() as probe:
            if probe.connect_ex(('127.0.0.1', port)) == 0:
                raise RuntimeError('Port %d is in use: end the server that listens there first.' % port)
        self.group = None if single else control_group(name)
        self.log = open(folder + '.log', 'ab')
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        start_new_session=True, preexec_fn=self.enter)
        began = time.monotonic()
        while not greets(port, silent):
            if self.process.poll() is not None or time.monotonic() - began > PATIENCE:
                self.stop()
                with open(folder + '.log', errors='replace') as log:
                    raise RuntimeError('%s does not start:\n%s' % (name, log.read()[-2000:]))
            time.sleep(0.02)

    def enter(self):
        if self.group:
            with open(self.group + '/cgroup.procs', 'w') as members:
                members.write(str(os.getpid()))

    def meter(self):
        """How the load generator finds what the server uses."""
        return ['--pid', str(self.process.pid)] if self.single else ['--cgroup', self.group] if self.group else []

    def tls_port(self):
        """Where it begins with TLS."""
        return self.port if self.silent else self.port + TLS

    def command(self, *arguments):
        """Runs a command of Postrider's on it."""
        subprocess.run([PROGRAM, *arguments, '--data', self.folder + '/data'], check=True, stdout=self.log, stderr=self.log)

    def stop(self):
        for number in signal.SIGTERM, signal.SIGKILL:
            for member in self.members():
                try:
                    os.kill(member, number)
                except ProcessLookupError:
                    pass
            began = time.monotonic()
            while self.members() and time.monotonic() - began < PATIENCE:
                time.sleep(0.05)
        self.process.wait()
        self.log.close()
        if self.group:
            os.rmdir(self.group)

    def members(self):
        self.process.poll()
        if self.group:
            with open(self.group + '/cgroup.procs') as members:
                return [int(line) for line in members]
        return [self.process.pid] if self.process.poll() is None else []


def control_group(name):
    """A control group of its own, in which the CPU of processes that have ended counts too; None without root."""
    for base in '/sys/fs/cgroup/cpuacct', '/sys/fs/cgroup':
        if os.access(base + '/cgroup.procs', os.W_OK):
            group = '%s/postrider-bench-%s' % (base, name)
            os.makedirs(group, exist_ok=True)
            return group
    return None


def make_certificate(folder):
    """A certificate by ECDSA P-256 that nobody vouches for, the same for all servers of a run."""
    certificate, key = folder + '/certificate.pem', folder + '/key.pem'
    if not os.path.exists(certificate):
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30',
                        '-subj', '/CN=postrider.example', '-keyout', key, '-out', certificate], check=True, capture_output=True)
    return certificate, key


def greets(port, silent=False):
    try:
        with socket.create_connection(('127.0.0.1', port), timeout=PATIENCE) as connection:
            if silent:
                return True
            greeting = connection.recv(512)
            connection.sendall(b'QUIT\r\n')
            connection.recv(512)
            return greeting.startswith(b'220')
    except OSError:
        return False


def empty(box):
    for place in 'new', 'cur':
        shutil.rmtree(box + '/' + place, ignore_errors=True)
        os.mkdir(box + '/' + place)
        shutil.copymode(box, box + '/' + place)
        owner = os.stat(box)
        os.chown(box + '/' + place, owner.st_uid, owner.st_gid)


def start(name, folder, port, mode, sink, limits={}):
    """Starts a server and waits until it greets; None where it is not installed.

    hold keeps the mail queued, tls does so and has a certificate, relay passes it on to a sink, maildir delivers b@example.net."""
    if name in ('postfix', 'exim'):
        installed = shutil.which('postfix', path=os.environ['PATH'] + ':/usr/sbin') if name == 'postfix' else (
            os.environ.get('EXIM') or os.path.exists(ROOT + '/artifacts/interop/exim/usr/sbin/exim4') or shutil.which('exim4'))
        if not installed or os.geteuid() != 0:
            return None
        return Server(name, port, folder, folder + '/box', [ROOT + '/bench/peers/' + name, folder, str(port), mode, str(sink)], single=False)
    if name in ('bare-tls', 'openssl'):
        os.makedirs(folder, exist_ok=True)
        certificate, key = make_certificate(os.path.dirname(folder))
        command = [TOOLS, 'bare-tls', '--listen', '127.0.0.1:%d' % port, '--certificate', certificate, '--key', key] if name == 'bare-tls' else [
            'openssl', 's_server', '-accept', '127.0.0.1:%d' % port, '-cert', certificate, '-key', key, '-quiet', '-naccept', '10000000']
        return Server(name, port, folder, None, command, single=True, silent=True)
    listen = '127.0.0.1:%d' % port
    if name == 'null-spool':
        os.makedirs(folder, exist_ok=True)
        return Server(name, port, folder, None, [ROOT + '/bench/Postrider.Bench/bin/Release/net10.0/postrider-bench', 'null-spool', '--listen', listen], single=True)
    os.makedirs(folder, exist_ok=True)
    # hold: nothing listens on the discard port, so the mail waits for its next attempt.
    settings = {'hostname': 'postrider.example', 'limits': {'messageSize': '60 MB', 'connections': 25000, **limits}}
    listen = ['--listen', listen]
    if mode == 'tls':
        # The same server in the clear at its port, and from the first octet under TLS 100 ports above.
        mode, listen = 'hold', []
        certificate, key = make_certificate(os.path.dirname(folder))
        settings['tls'] = {'certificates': [{'certificate': certificate, 'key': key}]}
        settings['listeners'] = [{'address': '127.0.0.1', 'port': port, 'tls': 'offered'},
                                 {'address': '127.0.0.1', 'port': port + TLS, 'tls': 'implicit'}]
    if mode == 'maildir':
        settings['localDomains'] = ['example.net']
    else:
        settings['smarthost'] = ['127.0.0.1:%d' % (sink if mode == 'relay' else 9)]
    if mode == 'hold':
        settings['retry'] = {'after': ['1h']}
    with open(folder + '/postrider.json', 'w') as file:
        json.dump(settings, file, indent=2)
    return Server(name, port, folder, folder + '/data/mail/example.net/b',
                  [PROGRAM, 'serve', '--data', folder + '/data', '--config', folder + '/postrider.json', *listen], single=True)
