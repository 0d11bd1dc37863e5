"""CDS Hooks 2.0: services that an EHR calls while a chart is open, and the cards that it shows. Nothing is stored."""
