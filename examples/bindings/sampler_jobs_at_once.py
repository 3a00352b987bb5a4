"""Run a circuit on three devices of IBM Quantum Platform at the same time.

The variables are those of sampler_job.py.
"""

import asyncio
import os
from collections import Counter

from ibmq_api_platform import AuthenticatedClient
from ibmq_api_platform.api.backends import list_backends
from ibmq_api_platform.api.jobs import create_job, get_job, get_job_results
from ibmq_api_platform.models import Device
from sampler_job import access_token, counts, has_ended, parsed, platform, sampler_job


async def run(client: AuthenticatedClient, device: str) -> Counter[str]:
    body = sampler_job(device, shots=100)
    job = parsed(await create_job.asyncio_detailed(client=client, body=body))
    while True:
        reply = await get_job.asyncio_detailed(job.id, client=client, exclude_params=True)
        if has_ended(parsed(reply).state.status):
            break
        await asyncio.sleep(2)
    return counts(parsed(await get_job_results.asyncio_detailed(job.id, client=client)))


async def main() -> None:
    token = access_token(os.environ["QISKIT_IBM_TOKEN"])
    async with platform(token, os.environ["QISKIT_IBM_INSTANCE"]) as client:
        found = parsed(await list_backends.asyncio_detailed(client=client)).devices
        names = [device.name for device in found if isinstance(device, Device)][:3]
        results = await asyncio.gather(*(run(client, name) for name in names))
        for name, result in zip(names, results, strict=True):
            print(name, result)


asyncio.run(main())
