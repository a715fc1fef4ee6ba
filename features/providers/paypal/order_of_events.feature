@webhooks @pci-6.2.4 @cwe-362 @cwe-841 @asvs-V15.4.2 @wstg-BUSL-06
Feature: PayPal's events in any order

  PayPal does not say in which order it delivers, and tells of a refund in one event where others need three. What came
  first at PayPal may come last at the shop, and must not win for that.

  @critical @defect-W27 @defect-W26 @simulator-only
  Scenario Outline: A payment on PayPal's page, told in the order: <order>
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And the shopper comes back to the shop
    And the held events arrive in the order <order>
    Then the order is paid
    And the order is fulfilled once
    And the provider counts 1 capture
    And the books balance and agree with the provider

    Examples:
      | order                                                |
      | payment approved, order completed, payment succeeded |
      | payment approved, payment succeeded, order completed |
      | order completed, payment approved, payment succeeded |
      | order completed, payment succeeded, payment approved |
      | payment succeeded, payment approved, order completed |
      | payment succeeded, order completed, payment approved |

  @high @defect-W28 @simulator-only
  Scenario: A payment whose order was never told to be complete is a payment
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the "order completed" event is lost
    And the held events arrive
    Then the order is paid
    And the order is fulfilled once

  @high @defect-W27 @simulator-only
  Scenario Outline: A payment and its refund, told in the order: <order>
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the operator refunds the whole payment
    And the held events arrive in the order <order>
    Then the order is refunded
    And the order is fulfilled once
    And the books balance and agree with the provider

    Examples:
      | order                                                |
      | order completed, payment succeeded, payment refunded |
      | order completed, payment refunded, payment succeeded |
      | payment succeeded, order completed, payment refunded |
      | payment succeeded, payment refunded, order completed |
      | payment refunded, order completed, payment succeeded |
      | payment refunded, payment succeeded, order completed |

  @critical @defect-F04 @defect-W27 @simulator-only
  Scenario Outline: A payment that waited and came, told in the order: <order>
    Given the provider holds every payment for review
    And the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the provider completes the payment that waits
    And the held events arrive in the order <order>
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

    Examples:
      | order                                                  |
      | order completed, payment processing, payment succeeded |
      | order completed, payment succeeded, payment processing |
      | payment processing, order completed, payment succeeded |
      | payment processing, payment succeeded, order completed |
      | payment succeeded, order completed, payment processing |
      | payment succeeded, payment processing, order completed |

  @critical @defect-F04 @defect-W27 @simulator-only
  Scenario Outline: A payment that waited and was denied, told in the order: <order>
    Given the provider holds every payment for review
    And the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the provider denies the payment that waits
    And the held events arrive in the order <order>
    Then the order stays unpaid
    And nothing is fulfilled
    And the books show no movement

    Examples:
      | order                                               |
      | order completed, payment processing, payment denied |
      | order completed, payment denied, payment processing |
      | payment processing, order completed, payment denied |
      | payment processing, payment denied, order completed |
      | payment denied, order completed, payment processing |
      | payment denied, payment processing, order completed |

  @high @defect-D03 @defect-W27 @simulator-only
  Scenario Outline: A part that PayPal takes back, told in the order: <order>
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And 10.00 EUR of the payment are taken back by the provider
    And the held events arrive in the order <order>
    Then the order is partly refunded
    And the shop counts 10.00 EUR as refunded
    And the books balance and agree with the provider

    Examples:
      | order                                                |
      | order completed, payment succeeded, payment reversed |
      | order completed, payment reversed, payment succeeded |
      | payment succeeded, order completed, payment reversed |
      | payment succeeded, payment reversed, order completed |
      | payment reversed, order completed, payment succeeded |
      | payment reversed, payment succeeded, order completed |

  @critical @defect-D01 @defect-W27 @simulator-only
  Scenario Outline: A claim that was lost, told in the order: <order>
    Given a shopper who paid 49.99 EUR
    And the provider's events are held back
    When the bank disputes the payment as fraudulent
    And the bank decides the dispute for the cardholder
    And the held events arrive in the order <order>
    Then the order is lost
    And the operator sees the dispute as lost
    And the books balance and agree with the provider

    Examples:
      | order                                          |
      | dispute opened, payment reversed, dispute lost |
      | dispute opened, dispute lost, payment reversed |
      | payment reversed, dispute opened, dispute lost |
      | payment reversed, dispute lost, dispute opened |
      | dispute lost, dispute opened, payment reversed |
      | dispute lost, payment reversed, dispute opened |

  @high @defect-D03 @defect-W27 @simulator-only
  Scenario Outline: A question that grew into a claim and was won, told in the order: <order>
    Given a shopper who paid 49.99 EUR
    And the provider's events are held back
    When the bank asks about the payment
    And the bank turns its question into a chargeback
    And the bank decides the dispute for the shop
    And the held events arrive in the order <order>
    Then the order is paid
    And the operator sees the dispute as won
    And the shop counts 0.00 EUR as disputed
    And the books balance and agree with the provider

    Examples:
      | order                                        |
      | dispute opened, dispute updated, dispute won |
      | dispute opened, dispute won, dispute updated |
      | dispute updated, dispute opened, dispute won |
      | dispute updated, dispute won, dispute opened |
      | dispute won, dispute opened, dispute updated |
      | dispute won, dispute updated, dispute opened |

  @high @defect-M06 @defect-W27 @simulator-only
  Scenario Outline: A refund that waited and was made, told in the order: <order>
    Given a shopper who paid 49.99 EUR with a card whose refunds take a while
    And the provider's events are held back
    When the operator refunds 49.99 EUR
    And 10 days pass
    And the held events arrive in the order <order>
    Then the order is refunded
    And the operator sees a succeeded refund of 49.99 EUR
    And the books balance and agree with the provider

    Examples:
      | order                            |
      | refund pending, payment refunded |
      | payment refunded, refund pending |

  @high @defect-M06 @defect-W27 @simulator-only
  Scenario Outline: A refund that waited and failed, told in the order: <order>
    Given a shopper who paid 49.99 EUR with a card whose refunds wait and then fail
    And the provider's events are held back
    When the operator refunds 49.99 EUR
    And 10 days pass
    And the held events arrive in the order <order>
    Then the order is paid
    And the operator sees a failed refund of 49.99 EUR
    And the shop counts 0.00 EUR as refunded
    And the books balance and agree with the provider

    Examples:
      | order                         |
      | refund pending, refund failed |
      | refund failed, refund pending |

  @high @defect-M06 @defect-W27 @simulator-only
  Scenario Outline: A refund that came back, told in the order: <order>
    Given a shopper who paid 49.99 EUR with a card whose refunds fail later
    And the provider's events are held back
    When the operator refunds 49.99 EUR
    And 10 days pass
    And the held events arrive in the order <order>
    Then the order is paid
    And the shop counts 0.00 EUR as refunded
    And the books balance and agree with the provider

    Examples:
      | order                           |
      | payment refunded, refund failed |
      | refund failed, payment refunded |

  @critical @defect-M09 @defect-W27 @simulator-only
  Scenario Outline: A hold that was released, told in the order: <order>
    Given the provider's events are held back
    And a shopper with 100.00 EUR held on their card
    When the operator releases the hold
    And the held events arrive in the order <order>
    Then the order stays cancelled
    And the provider has 0.00 EUR captured
    And nothing is fulfilled

    Examples:
      | order                                 |
      | payment authorised, payment cancelled |
      | payment cancelled, payment authorised |

  @high @defect-F05 @defect-W27 @simulator-only
  Scenario Outline: An approval that lapsed, told in the order: <order>
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And 4 hours pass
    And the held events arrive in the order <order>
    Then the order stays unpaid
    And the provider counts 0 captures
    And nothing is fulfilled

    Examples:
      | order                               |
      | payment approved, approval reversed |
      | approval reversed, payment approved |
