"""`POST /v1/events`."""
from fastapi import APIRouter
router = APIRouter(tags=["ingest"])
