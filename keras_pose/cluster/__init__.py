"""Work that can be spread over machines: jobs run one after the other here, or at once on a Ray cluster."""
