"""What a DICOM operation without any fault consists of, by the packets on the loopback interface.

The drill says how long an operation took before the fault, and not which part of it comes before
the connection, before the server's answer, or after it. This times operations of the same client
at the same servers, none of which ever fails, against what is on the wire meanwhile::

    python experiments/validation/traffic/operation_split.py 11110 11112 11113 --what store

It needs an idle machine, root, pynetdicom 3.0.4 in the Python that runs it, Orthanc
1.10.1 at the latter ports and HAProxy 2.6.12 at the first, set up as tests/oracle/data/README.md
says. The figures are in ADR 44.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import struct
import threading
import time
from typing import Any, NamedTuple

IP, TCP_PROTOCOL, OUTGOING, SYN = 0x0800, 6, 4, 0x02
ACCEPT, DATA = b"\x02", b"\x04"
"""First bytes of an accepted association and of data, DICOM PS3.8 9.3."""


class Packet(NamedTuple):
    """A packet with a time, ports, flags, bytes of payload and the first of them."""

    time: float
    source: int
    target: int
    flags: int
    size: int
    first: bytes


def listen(ports: set[int], seen: list[Packet]) -> None:
    """Note every packet of these ports, for ever."""
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(IP))
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**26)
    raw.bind(("lo", 0))
    while True:
        frame, address = raw.recvfrom(65536)
        now = time.perf_counter()
        if address[2] == OUTGOING or frame[23] != TCP_PROTOCOL:
            continue
        head = (frame[14] & 15) * 4
        at = 14 + head
        source, target, _, _, offset, flags = struct.unpack("!HHIIBB", frame[at : at + 14])
        size = struct.unpack("!H", frame[16:18])[0] - head - (offset >> 4) * 4
        begin = at + (offset >> 4) * 4
        if {source, target} & ports:
            seen.append(Packet(now, source, target, flags, size, frame[begin : begin + 1]))


def image() -> object:
    """Return a CT instance of 512 x 512 x 16 bits with a number of its own."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid
    from pynetdicom.sop_class import CTImageStorage

    one: Any = Dataset()
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    one.SOPClassUID = one.file_meta.MediaStorageSOPClassUID = CTImageStorage
    one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    one.PatientID, one.PatientName, one.Modality = "1", "A", "CT"
    one.StudyInstanceUID, one.SeriesInstanceUID = "1.2.3", "1.2.3.4"
    one.Rows = one.Columns = 512
    one.BitsAllocated = one.BitsStored = 16
    one.HighBit, one.PixelRepresentation, one.SamplesPerPixel = 15, 0, 1
    one.PhotometricInterpretation = "MONOCHROME2"
    one.PixelData = os.urandom(2 * 512 * 512)
    return one


def main() -> None:
    from pydicom.uid import ExplicitVRLittleEndian
    from pynetdicom import AE
    from pynetdicom.sop_class import CTImageStorage, Verification

    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("balancer", type=int, help="port")
    parser.add_argument("servers", type=int, nargs="+", help="ports")
    parser.add_argument("--what", choices=("echo", "store"), default="echo")
    parser.add_argument("--size", type=int, default=150, help="operations")
    asked = parser.parse_args()
    seen: list[Packet] = []
    servers = set(asked.servers)
    ports = {asked.balancer, *servers}
    threading.Thread(target=listen, args=(ports, seen), daemon=True).start()
    time.sleep(0.5)
    client = AE()
    client.connection_timeout = client.acse_timeout = 5
    client.dimse_timeout, client.network_timeout = 10, 15
    client.add_requested_context(Verification)
    client.add_requested_context(CTImageStorage, ExplicitVRLittleEndian)
    rows = []
    for _ in range(asked.size):
        what = image() if asked.what == "store" else None
        seen.clear()
        start = time.perf_counter()
        session = client.associate("127.0.0.1", asked.balancer)
        established = time.perf_counter()
        if what is None:
            session.send_c_echo()
        else:
            session.send_c_store(what)
        session.release()
        over = time.perf_counter()
        time.sleep(0.02)
        sent = [one for one in seen if one.source in servers and one.size]
        asks = next(x.time for x in seen if x.target == asked.balancer and x.flags & SYN)
        accepted = next(x.time for x in sent if x.first == ACCEPT)
        answered = next(x.time for x in sent if x.first == DATA)
        rows.append(
            {
                "own work: until it asks for a connection": asks - start,
                "own work: until it knows of the association": established - accepted,
                "set-up: from the request to the acceptance": accepted - asks,
                "item: until the server answers": answered - established,
                "rest: until the client is free": over - answered,
                "whole": over - start,
            }
        )
    for name in rows[0]:
        values = sorted(1000.0 * row[name] for row in rows)
        tenths = statistics.quantiles(values, n=10)
        print(
            f"{name:45} mean {statistics.mean(values):6.2f}  median {tenths[4]:6.2f}"
            f"  10 % {tenths[0]:6.2f}  90 % {tenths[8]:6.2f} ms"
        )


if __name__ == "__main__":
    main()
