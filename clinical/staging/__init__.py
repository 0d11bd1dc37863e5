"""Staging methods: how far the treatments of one depression have failed, in points or in stages. Entrance: `stage`."""
