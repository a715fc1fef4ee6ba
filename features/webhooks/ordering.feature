@webhooks @pci-6.2.4 @cwe-841 @cwe-362 @asvs-V2.3.1 @wstg-BUSL-06
Feature: News in any order tells the same story

  No provider promises an order of delivery. An older event that arrives late must not take an order back to where it was,
  and a newer one that arrives early must not get lost.

  @critical @defect-W27 @defect-W26
  Scenario Outline: A payment, told in the order: <order>
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the held events arrive in the order <order>
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

    Examples:
      | order                                              |
      | payment started, charge made, payment succeeded    |
      | payment started, payment succeeded, charge made    |
      | charge made, payment started, payment succeeded    |
      | charge made, payment succeeded, payment started    |
      | payment succeeded, payment started, charge made    |
      | payment succeeded, charge made, payment started    |

  @critical @defect-W27 @defect-W28
  Scenario Outline: A payment and its refund, told in the order: <order>
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And 49.99 EUR are refunded at the provider's own desk
    And the held events arrive in the order <order>
    Then the order is refunded
    And the shop counts 49.99 EUR as refunded
    And the books balance and agree with the provider

    Examples:
      | order                                                  |
      | payment succeeded, refund started, payment refunded    |
      | payment succeeded, payment refunded, refund started    |
      | refund started, payment succeeded, payment refunded    |
      | refund started, payment refunded, payment succeeded    |
      | payment refunded, payment succeeded, refund started    |
      | payment refunded, refund started, payment succeeded    |

  @critical @defect-W27 @defect-D01 @simulator-only
  Scenario Outline: A payment and the dispute it lost, told in the order: <order>
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the bank disputes the payment as fraudulent
    And the bank decides the dispute for the cardholder
    And the held events arrive in the order <order>
    Then the order is lost
    And the books balance and agree with the provider

    Examples:
      | order                                            |
      | payment succeeded, dispute opened, dispute lost  |
      | payment succeeded, dispute lost, dispute opened  |
      | dispute opened, payment succeeded, dispute lost  |
      | dispute opened, dispute lost, payment succeeded  |
      | dispute lost, payment succeeded, dispute opened  |
      | dispute lost, dispute opened, payment succeeded  |

  @high @defect-D03 @defect-W27 @simulator-only
  Scenario Outline: A dispute that was won, told in the order: <order>
    Given a shopper who paid 49.99 EUR
    And the provider's events are held back
    When the bank disputes the payment as fraudulent
    And the bank decides the dispute for the shop
    And the held events arrive in the order <order>
    Then the order is paid
    And the operator sees the dispute as won
    And the books balance and agree with the provider

    Examples:
      | order                                                  |
      | dispute opened, dispute funds reinstated, dispute won  |
      | dispute opened, dispute won, dispute funds reinstated  |
      | dispute won, dispute opened, dispute funds reinstated  |
      | dispute won, dispute funds reinstated, dispute opened  |
      | dispute funds reinstated, dispute opened, dispute won  |
      | dispute funds reinstated, dispute won, dispute opened  |

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
      | order                                              |
      | refund started, payment refunded, refund failed    |
      | refund failed, payment refunded, refund started    |
      | payment refunded, refund failed, refund started    |

  @critical @defect-W27 @defect-M09
  Scenario Outline: A payment that was called off, told in the order: <order>
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When the shopper cancels the order
    And the held events arrive in the order <order>
    Then the order stays cancelled
    And nothing is fulfilled

    Examples:
      | order                              |
      | payment started, payment cancelled |
      | payment cancelled, payment started |

  @critical @defect-F01 @defect-W26
  Scenario Outline: A hold and its capture, told in the order: <order>
    Given the provider's events are held back
    And a shopper with 100.00 EUR held on their card
    When the operator captures the payment
    And the held events arrive in the order <order>
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

    Examples:
      | order                                                |
      | payment authorised, charge captured, payment succeeded |
      | payment succeeded, charge captured, payment authorised |
      | charge captured, payment authorised, payment succeeded |

  @critical @defect-B06 @defect-W27
  Scenario Outline: A payment with the bank's check, told in the order: <order>
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card that needs the bank's check
    And the shopper passes the bank's check
    And the held events arrive in the order <order>
    Then the order is paid
    And the order is fulfilled once

    Examples:
      | order                                |
      | bank's check asked for, payment succeeded |
      | payment succeeded, bank's check asked for |
